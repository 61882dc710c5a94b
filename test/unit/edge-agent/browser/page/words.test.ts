import { describe, expect, it } from "vitest";
import { sizeInWords, summaryOf, wordsOfStorage, wordsOfTrial } from "../../../../../edge-agent/browser/page/words.ts";
import type { AgentStatus, ModelStatus } from "../../../../../edge-agent/browser/start-agent.ts";

const extent = { records: 0, bytes: 0 };
const model = { model: "digits", phase: "idle" } as ModelStatus;

function running(agent: Partial<AgentStatus>) {
  const status = { connected: true, connections: 1, connectionProblem: "", refusal: "", models: [model] };
  const storage = { persisted: true, usedBytes: 0, quotaBytes: 1 };
  const spool = { lifecycle: extent, windows: extent, samples: extent };
  return {
    kind: "running",
    agent: { ...status, spool, ...agent } as AgentStatus,
    storage,
    server: "http://hub",
  } as const;
}

it.each([
  ["Connected", "good", running({})],
  ["Connecting", "quiet", running({ connected: false })],
  ["Offline", "busy", running({ connected: false, connections: 2 })],
  ["Updating", "busy", running({ models: [{ ...model, phase: "trial" }] })],
  ["Refused", "bad", running({ refusal: "not signed by this device's director" })],
  ["Another tab", "busy", { kind: "other-tab" } as const],
  ["Not enrolled", "quiet", { kind: "not-enrolled" } as const],
  ["Not running", "bad", { kind: "failed", reason: "why" } as const],
])("says %s", (state, tone, status) => {
  expect(summaryOf(status, undefined)).toMatchObject({ state, tone });
});

it("says what a slow start waits for", () => {
  expect(summaryOf({ kind: "starting", waitsFor: "" }, undefined)).toMatchObject({ state: "Starting", notice: "" });
  expect(summaryOf({ kind: "starting", waitsFor: "a database" }, undefined).notice).toMatch(/: a database\.$/);
});

it("says what the device was when the browser has cleared everything", () => {
  expect(summaryOf({ kind: "not-enrolled" }, "kiosk-7").notice).toMatch(/“kiosk-7”.*enrol it again/);
});

describe("a trial", () => {
  const [quarterPast, minute] = [new Date(2026, 0, 1, 20, 15).getTime(), 60_000];
  const progress = { elapsedMs: minute, durationMs: 3 * minute, deadlineMs: 11 * minute, minInferences: 20 };

  it("that lacks requests says how many, and when it ends without them", () => {
    const words = wordsOfTrial({ ...progress, inferences: 3 }, quarterPast);
    expect(words).toMatch(/^It has answered 3 of 20 requests; if there are no more, it stays at (8|20):25/);
  });

  it("that has been asked enough says until when it must do well", () => {
    expect(wordsOfTrial({ ...progress, inferences: 20 }, quarterPast)).toMatch(/doing well until (8|20):17/);
  });
});

it("says where a browser tells nothing of its storage", () => {
  expect(wordsOfStorage({ persisted: false, usedBytes: undefined, quotaBytes: undefined })).toMatch(/does not tell/);
});

it.each([
  [0, "0 bytes"],
  [1_023, "1023 bytes"],
  [1_536, "1.5 KiB"],
  [20 * 1024 ** 2, "20 MiB"],
  [3 * 1024 ** 5, "3072 TiB"],
])("%d bytes are %s", (bytes, words) => {
  expect(sizeInWords(bytes)).toBe(words);
});
