import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DeltaAnswer } from "../../control-plane/application/delta-service.ts";
import { createApp } from "../../control-plane/http/app.ts";
import type { HttpServer } from "../../control-plane/http/http-server.ts";
import { listenHttp } from "../../control-plane/http/http-server.ts";
import type { Services } from "../../control-plane/http/services.ts";
import { httpDeltaSource } from "../../edge-agent/adapters/node/http-delta-source.ts";
import { ArtifactFetchError } from "../../edge-agent/adapters/portable/artifact-range.ts";
import { silentLog } from "../support/agent-world.ts";
import { basic, call, problemIn } from "../support/http-calls.ts";
import { aDevice, digestOf } from "../support/messages.ts";

// Both ends of the question for a delta: the agent's source and the control plane's route.

const [base, target, delta] = [digestOf(1), digestOf(2), digestOf(3)];
const { signal } = new AbortController();
let answer: DeltaAnswer;
let asked: readonly unknown[];
let server: HttpServer;

beforeAll(async () => {
  const services = {
    access: {
      isDeviceSecret: async (_device: string, secret: string) => secret === "s3",
    },
    about: { addresses: () => ({ http: server.url }) },
    clock: { now: () => 0 },
    proxies: [],
    log: silentLog,
    deltas: {
      answer: async (...question: readonly unknown[]) => {
        asked = question;
        return answer;
      },
    },
  };
  server = await listenHttp(createApp(services as unknown as Services), { host: "127.0.0.1", port: 0 });
});
afterAll(() => server[Symbol.asyncDispose]());

function find(secret = "s3") {
  return httpDeltaSource({ server: server.url, device: aDevice, secret }).find(base, target, signal);
}

describe("the question for a delta", () => {
  it("reaches the control plane with the device and both files, and its answer comes back", async () => {
    answer = { kind: "ready", digest: delta, size: 77 };
    expect(await find()).toEqual({ kind: "ready", file: { digest: delta, size: 77 } });
    expect(asked).toEqual([aDevice, base, target]);
    answer = { kind: "none", reason: "it saves nothing" };
    expect(await find()).toEqual({ kind: "none" });
    answer = { kind: "being-made" };
    expect(await find()).toEqual({ kind: "being-made", retryAfterMs: 2_000 });
  });

  it("is answered to nobody without the device's credential", async () => {
    await expect(find("wrong")).rejects.toThrow(ArtifactFetchError);
  });

  it.each(["", "?from=", "?from=sha256:12", `?other=${base}`])("is refused with the query %j", async (query) => {
    const path = `/artifacts/${target}/delta${query}`;
    expect(
      await problemIn(await call(server.url, { method: "GET", path, headers: basic(aDevice, "s3") })),
    ).toMatchObject({ status: 400 });
  });

  it.each<unknown>([
    { size: 77 },
    { digest: "sha256:12", size: 77 },
    { digest: delta, size: -1 },
    { digest: delta, size: 1e12 },
    { digest: delta, size: 0.5 },
  ])("takes no answer for a delta that is none: %j", async (wrong) => {
    answer = { kind: "ready", ...(wrong as { digest: typeof delta; size: number }) };
    await expect(find()).rejects.toThrow("names no delta");
  });
});
