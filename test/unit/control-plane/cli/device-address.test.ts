import { describe, expect, test } from "vitest";
import { addressForDevices } from "../../../../control-plane/cli/device-address.ts";

const onLoopback = expect.stringMatching(/^The control plane listens on this machine only/) as string;
const onAll = expect.stringMatching(/^The control plane listens on all addresses/) as string;
const certified = expect.stringMatching(
  /^Its certificate is for .*: a device believes it under no other name/,
) as string;

describe("without TLS", () => {
  test("an address that others can reach stays as it is", () => {
    expect(addressForDevices("http://10.0.0.7:4680", undefined)).toEqual({
      server: "http://10.0.0.7:4680",
      advice: [],
    });
  });

  test.each(["http://127.0.0.1:4680", "http://localhost:4680", "http://[::1]:4680"])(
    "%s is of this machine",
    (server) => {
      expect(addressForDevices(server, undefined)).toEqual({ server, advice: [onLoopback] });
    },
  );

  test.each(["http://0.0.0.0:4680", "http://[::]:4680"])("in the place of %s stands this machine's name", (server) => {
    expect(addressForDevices(server, undefined, "hub")).toEqual({ server: "http://hub:4680", advice: [onAll] });
  });
});

describe("with TLS", () => {
  test.each([
    ["https://hub.local:4680", ["hub.local"]],
    ["https://hub.local:4680", ["HUB.local"]],
    ["https://hub.local:4680", ["other.local", "*.local"]],
    ["https://10.0.0.7:4680", ["hub.local", "10.0.0.7"]],
    ["https://[fd00::7]:4680", ["FD00:0:0:0:0:0:0:7"]],
  ])("%s fits a certificate for %j", (server, names) => {
    expect(addressForDevices(server, names)).toEqual({ server, advice: [] });
  });

  test("a name that the certificate does not have gives way to one that it has", () => {
    expect(addressForDevices("https://0.0.0.0:4680", ["*.local", "hub.local"], "laptop")).toEqual({
      server: "https://hub.local:4680",
      advice: [onAll, certified],
    });
    expect(addressForDevices("https://127.0.0.1:4680", ["hub.local"])).toEqual({
      server: "https://hub.local:4680",
      advice: [certified, onLoopback],
    });
    expect(addressForDevices("https://10.0.0.7:4680", ["FD00:0:0:0:0:0:0:7"]).server).toBe("https://[fd00::7]:4680");
  });

  test("a star stands for one label only", () => {
    expect(addressForDevices("https://a.b.local:4680", ["*.local"])).toEqual({
      server: "https://a.b.local:4680",
      advice: [certified],
    });
  });
});
