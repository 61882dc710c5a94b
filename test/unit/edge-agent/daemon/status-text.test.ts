import { describe, expect, it } from "vitest";
import type { AgentStatus } from "../../../../edge-agent/core/agent-status.ts";
import { duration, statusText } from "../../../../edge-agent/daemon/status-text.ts";
import { aManifest } from "../../../support/manifests.ts";
import type { HostFacts } from "../../../../edge-agent/daemon/host-facts.ts";
import { digestOf } from "../../../support/messages.ts";
import { scriptedLocalAgent } from "../../../support/scripted-local-agent.ts";
import { nothingCompared } from "../../../../proto/sketch/agreement.ts";
import type { Agreement } from "../../../../proto/telemetry-messages.ts";

function aStatus(overrides: Partial<AgentStatus> = {}): AgentStatus {
  return { ...scriptedLocalAgent(aManifest(), async () => []).status(), ...overrides };
}

const aHost: HostFacts = {
  disk: { freeBytes: 1_234_567_890, totalBytes: 8_000_000_000 },
  memory: { availableBytes: 210_000_000, totalBytes: 512_000_000 },
  processes: [
    { pid: 312, kind: "agent", residentBytes: 78_000_000, cpuShare: 0.0123 },
    { pid: 340, kind: "inference", residentBytes: 82_500_000, cpuShare: 0.2 },
  ],
  temperatureCelsius: 61.4,
};

describe("the status for a person", () => {
  it("says in a few lines how the device is", () => {
    expect(statusText(aStatus(), aHost).split("\n")).toEqual([
      "device:          lyon-cam-1, agent 0.1.0, up 1m 5s",
      "connection:      connected",
      "assignment:      generation 7",
      "runtime:         onnxruntime-node 1.30.0",
      "unsent:          2 events, 0 windows, 0 samples, 100 B",
      "disk:            1.2 GB of 8.0 GB free",
      "memory:          210 MB of 512 MB available",
      "  agent:         78.0 MB, 1.2 % of a core, process 312",
      "  inference:     82.5 MB, 20.0 % of a core, process 340",
      "temperature:     61 C",
      "models take:     0 B of 671 MB of memory",
      "model digits:    answering with 2.0.0 (fp32)",
      "  goes back to:  nothing",
      "",
    ]);
  });

  it.each([
    [3, "for 17 of 20 requests, at most another 9m 0s"],
    [20, "another 2m 0s, to see that it goes on doing well"],
  ])("says what a trial waits for after %d inferences", (inferences, waits) => {
    const [model] = aStatus().models;
    if (model === undefined) throw new Error("the scripted agent has a model");
    const times = { elapsedMs: 60_000, durationMs: 180_000, deadlineMs: 600_000 };
    const trial = { ...times, inferences, minInferences: 20 };
    const models = [{ ...model, candidate: "3.0.0", phase: "trial" as const, trial }];
    expect(statusText(aStatus({ models }), aHost)).toContain(`  waits:         ${waits}`);
  });

  it("names what is wrong: no connection, a refusal, an update that failed, a model that does not answer", () => {
    const [model] = aStatus().models;
    if (model === undefined) throw new Error("the scripted agent has a model");
    const failure = { package: digestOf(1), kind: "rolled-back", reason: "3 of 20 failed" } as const;
    const text = statusText(
      aStatus({
        connected: false,
        connectionProblem: "connection refused",
        refusal: "the signature is not the director's",
        models: [{ ...model, serving: undefined, candidate: "3.0.0", phase: "trial", previous: "1.0.0", failure }],
      }),
      aHost,
    );
    for (const line of [
      /connection: +not connected: connection refused/,
      /refused: +the signature is not the director's/,
      /model digits: +not answering/,
      /update: +trial of 3\.0\.0/,
      /goes back to: +1\.0\.0/,
      /rolled-back: +3 of 20 failed/,
    ])
      expect(text).toMatch(line);
  });

  it("says that energy is saved, and why", () => {
    const text = statusText(aStatus({ saving: "the battery is at 12 %" }), aHost);
    expect(text).toMatch(/saves energy: +samples and shadows wait: the battery is at 12 %/);
  });

  it("says of a model that rests, why", () => {
    const [model] = aStatus().models;
    if (model === undefined) throw new Error("the scripted agent has a model");
    const running = { rests: "others need its memory", memoryBytes: 0, sequences: 0 };
    expect(statusText(aStatus({ models: [{ ...model, running }] }), aHost)).toMatch(
      /model digits: +2\.0\.0 \(fp32\) rests: others need its memory/,
    );
  });

  it("says of a candidate in shadow what was compared, and why it pauses", () => {
    const [model] = aStatus().models;
    if (model === undefined) throw new Error("the scripted agent has a model");
    const inShadow = (counts: Partial<Agreement>, paused?: string) => {
      const shadow = {
        startedAt: 0,
        answered: 240,
        counts: { ...nothingCompared(), compared: 240, disagreed: 3, ...counts },
        lastError: "",
        paused,
      };
      const running = { rests: undefined, memoryBytes: 0, sequences: 0, shadow };
      return statusText(aStatus({ models: [{ ...model, candidate: "3.0.0", phase: "shadow", running }] }), aHost);
    };
    expect(inShadow({})).toMatch(/update: +3\.0\.0 in shadow: 240 compared, 3 disagree\n/);
    expect(inShadow({ failed: 1, skipped: 20 }, "the device is throttled").replaceAll(/\s+/g, " ")).toContain(
      "3.0.0 in shadow: 240 compared, 3 disagree, 1 failed, 20 skipped, paused: the device is throttled",
    );
  });

  it("says of a candidate that gave way in shadow what it waits for", () => {
    const [model] = aStatus().models;
    if (model === undefined) throw new Error("the scripted agent has a model");
    const running = { rests: undefined, memoryBytes: 0, sequences: 0, shadowWaits: true } as const;
    const models = [{ ...model, candidate: "3.0.0", phase: "shadow" as const, running }];
    expect(statusText(aStatus({ models }), aHost).replaceAll(/\s+/g, " ")).toContain(
      "update: 3.0.0 in shadow waits for memory that others have",
    );
  });

  it("is plain ASCII, for a serial console", () => {
    expect(statusText(aStatus({ models: [] }), aHost)).toMatch(/^[\n -~]*$/);
  });
});

it("gives a duration in at most two units", () => {
  expect([400, 59_999, 65_000, 3_600_000, 90_000_000].map(duration)).toEqual(["0s", "59s", "1m 5s", "1h 0m", "1d 1h"]);
});
