import { describe, expect, test } from "vitest";
import type { DriftMonitorState } from "../../../../../control-plane/domain/drift/drift-monitor.ts";
import { observeWindow, quietMonitor } from "../../../../../control-plane/domain/drift/drift-monitor.ts";
import { defaultDriftPolicy } from "../../../../../control-plane/domain/drift/drift-policy.ts";
import { calmScore, driftedScore, thinScore } from "./stream-builders.ts";

const windows = { calm: calmScore(), drifted: driftedScore(), thin: thinScore() };

/** One window a minute, from minute 1 on. */
function watch(sequence: readonly (keyof typeof windows)[], policy = defaultDriftPolicy) {
  let state: DriftMonitorState = quietMonitor;
  const kinds: string[] = [];
  const alerts: unknown[] = [];
  sequence.forEach((kind, index) => {
    const observation = observeWindow(state, windows[kind], policy, index + 1);
    state = observation.state;
    kinds.push(state.kind);
    if (observation.alert) alerts.push(observation.alert);
  });
  return { state, kinds, alerts };
}

describe("opening", () => {
  test("one drifted window makes it suspect, and nobody is told", () => {
    expect(watch(["drifted"])).toEqual({
      state: { kind: "suspect", since: 1, windows: 1 },
      kinds: ["suspect"],
      alerts: [],
    });
  });

  test("a second one opens an alert that says since when, why, and with which score", () => {
    const { state, alerts } = watch(["calm", "drifted", "drifted"]);
    expect(state).toEqual({ kind: "drifting", since: 2, openedAt: 3 });
    expect(alerts).toEqual([
      {
        kind: "opened",
        stream: "input.brightness",
        at: 3,
        since: 2,
        reason:
          "input.brightness: PSI 0.60 over 200 samples is 0.50 above the 0.10 that chance explains " +
          "(limit 0.20; once in a thousand windows chance reaches 0.25); drifted in 2 windows in a row",
        score: windows.drifted,
      },
    ]);
  });

  test("a calm window between breaks the row", () => {
    expect(watch(["drifted", "calm", "drifted"])).toMatchObject({ kinds: ["suspect", "quiet", "suspect"], alerts: [] });
  });

  test("an alert opens once, however long the drift lasts", () => {
    expect(watch(["drifted", "drifted", "drifted", "drifted"]).alerts).toHaveLength(1);
  });
});

describe("closing", () => {
  test("two calm windows in a row close the alert", () => {
    const { kinds, alerts } = watch(["drifted", "drifted", "calm", "calm"]);
    expect(kinds).toEqual(["suspect", "drifting", "recovering", "quiet"]);
    expect(alerts.at(-1)).toEqual({
      kind: "closed",
      stream: "input.brightness",
      at: 4,
      since: 1,
      reason: "input.brightness: PSI 0.10 over 200 samples, 0.10 expected by chance; calm in 2 windows in a row",
      score: windows.calm,
    });
  });

  test("a drifted window while it recovers leads back into the same alert", () => {
    const { state, kinds, alerts } = watch(["drifted", "drifted", "calm", "drifted", "calm"]);
    expect(kinds).toEqual(["suspect", "drifting", "recovering", "drifting", "recovering"]);
    expect(state).toEqual({ kind: "recovering", since: 1, openedAt: 2, windows: 1 });
    expect(alerts).toHaveLength(1);
  });
});

describe("a window with too few samples", () => {
  test.each<readonly [string, readonly (keyof typeof windows)[], string]>([
    ["leaves quiet alone", ["calm", "thin"], "quiet"],
    ["neither advances nor resets a suspicion", ["drifted", "thin", "thin"], "suspect"],
    ["does not close an alert", ["drifted", "drifted", "thin", "thin", "thin"], "drifting"],
    ["does not hasten recovery", ["drifted", "drifted", "calm", "thin"], "recovering"],
  ])("%s", (_, sequence, kind) => {
    expect(watch(sequence).state.kind).toBe(kind);
  });

  test("the row goes on behind it", () => {
    expect(watch(["drifted", "thin", "drifted"]).state).toEqual({ kind: "drifting", since: 1, openedAt: 3 });
    expect(watch(["drifted", "drifted", "calm", "thin", "calm"]).state).toEqual(quietMonitor);
  });
});

test("the policy says how many windows", () => {
  const eager = { ...defaultDriftPolicy, windowsToOpen: 1, windowsToClose: 1 };
  expect(watch(["drifted", "calm"], eager).kinds).toEqual(["drifting", "quiet"]);
  expect(watch(["drifted", "calm"], eager).alerts).toMatchObject([
    { kind: "opened", reason: expect.stringMatching(/; drifted in 1 window$/) },
    { kind: "closed", reason: expect.stringMatching(/; calm in 1 window$/) },
  ]);
  const patient = { ...defaultDriftPolicy, windowsToOpen: 3, windowsToClose: 3 };
  expect(watch(["drifted", "drifted", "drifted", "calm", "calm", "calm"], patient).kinds).toEqual([
    "suspect",
    "suspect",
    "drifting",
    "recovering",
    "recovering",
    "quiet",
  ]);
});

test("another detector takes the place of the judgement, and the monitor stays as it is", () => {
  const always = () => ({ kind: "drifted", reason: "log10 e = 6.1" }) as const;
  const first = observeWindow(quietMonitor, windows.calm, defaultDriftPolicy, 1, always);
  const second = observeWindow(first.state, windows.calm, defaultDriftPolicy, 2, always);
  expect(second.alert?.reason).toBe("log10 e = 6.1; drifted in 2 windows in a row");
});
