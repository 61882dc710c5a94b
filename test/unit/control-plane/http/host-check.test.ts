import { describe, expect, it, test } from "vitest";
import { answersForHost, isOwnOrigin, reachableUrl } from "../../../../control-plane/http/host-check.ts";

describe("a server bound to loopback", () => {
  test.each(["localhost", "localhost:4680", "127.0.0.1:4680", "[::1]:4680", "LOCALHOST"])("answers for %s", (host) => {
    expect(answersForHost("http://127.0.0.1:4680", host)).toBe(true);
  });

  test.each(["evil.example", "evil.example:4680", "127.0.0.1.evil.example", "", "a b", undefined])(
    "does not answer for %s",
    (host) => {
      expect(answersForHost("http://127.0.0.1:4680", host)).toBe(false);
      expect(answersForHost("http://[::1]:4680", host)).toBe(false);
    },
  );
});

test("a server bound to a network answers for any name: it cannot know them all", () => {
  expect(answersForHost("http://0.0.0.0:4680", "sedge.plant.example")).toBe(true);
});

describe("reachableUrl", () => {
  test("puts the name by which the client came in the place of a wildcard", () => {
    expect(reachableUrl("mqtt://0.0.0.0:1883", "sedge.plant.example:4680")).toBe("mqtt://sedge.plant.example:1883");
    expect(reachableUrl("ws://[::]:9001/mqtt", "[fe80::1]:4680")).toBe("ws://[fe80::1]:9001/mqtt");
  });

  test("leaves other addresses, and has nothing better without a host", () => {
    expect(reachableUrl("mqtt://10.0.0.7:1883", "sedge.plant.example")).toBe("mqtt://10.0.0.7:1883");
    expect(reachableUrl("mqtt://0.0.0.0:1883", "")).toBe("mqtt://0.0.0.0:1883");
  });
});

describe("a page's origin is this server's own", () => {
  it.each([
    ["http://127.0.0.1:4680", "http://127.0.0.1:4680", "127.0.0.1:9001"],
    ["http://127.0.0.1:4680", "http://localhost:4680", "127.0.0.1:9001"],
    ["http://0.0.0.0:4680", "http://hub.example:4680", "hub.example:9001"],
    ["http://[::1]:4680", "http://[::1]:4680", "[::1]:9001"],
  ])("bound to %s, when it is %s and asks %s", (bound, origin, host) => {
    expect(isOwnOrigin(bound, origin, host)).toBe(true);
  });

  it.each([
    ["another port", "http://127.0.0.1:4680", "http://127.0.0.1:4681", "127.0.0.1:9001"],
    ["another protocol", "http://127.0.0.1:4680", "https://127.0.0.1:4680", "127.0.0.1:9001"],
    ["another host", "http://0.0.0.0:4680", "http://evil.example:4680", "hub.example:9001"],
    ["a foreign name for loopback", "http://127.0.0.1:4680", "http://evil.example:4680", "evil.example:9001"],
    ["no origin that can be read", "http://127.0.0.1:4680", "null", "127.0.0.1:9001"],
    ["no host", "http://0.0.0.0:4680", "http://hub.example:4680", ""],
  ])("never with %s", (_what, bound, origin, host) => {
    expect(isOwnOrigin(bound, origin, host)).toBe(false);
  });
});
