/**
 * The whole way from values to alerts, with seeds, on a fleet of 200 devices: without drift hardly anybody is told anything; with a
 * cohort that moved, that cohort is named.
 */
import { expect, test } from "vitest";
import type { DriftMonitorState } from "../../control-plane/domain/drift/drift-monitor.ts";
import { observeWindow, quietMonitor } from "../../control-plane/domain/drift/drift-monitor.ts";
import { defaultDriftPolicy } from "../../control-plane/domain/drift/drift-policy.ts";
import type { DeviceCounts } from "../../control-plane/domain/drift/drift-scope.ts";
import { scopeKey } from "../../control-plane/domain/drift/drift-scope.ts";
import { describeCause } from "../../control-plane/domain/drift/name-cause.ts";
import { scoreScopes } from "../../control-plane/domain/drift/score-scopes.ts";
import { parseDeviceId } from "../../proto/ids.ts";
import { draws, histogramOf, referenceFrom, seededNormal } from "../unit/control-plane/domain/drift/stream-builders.ts";

interface Simulation {
  readonly seed: number;
  readonly windows: number;
  readonly features: number;
  readonly samples: number;
  readonly shift: (labels: Readonly<Record<string, string>>, window: number) => number;
}

const devices = Array.from({ length: 200 }, (_, index) => ({
  device: parseDeviceId(`cam-${index}`),
  labels: { site: `site-${index % 10}`, camera: index % 4 < 2 ? "a" : "b" },
}));

function simulate({ seed, windows, features, samples, shift }: Simulation) {
  const normal = seededNormal(seed);
  let judged = 0;
  let drifted = 0;
  const alerts: string[] = [];
  const causes: string[] = [];
  for (let feature = 0; feature < features; feature++) {
    const reference = referenceFrom(draws(2_000, normal), 16, `input.${feature}`);
    const states = new Map<string, DriftMonitorState>();
    for (let window = 1; window <= windows; window++) {
      const parts = devices.map(({ device, labels }): DeviceCounts => {
        const moved = shift(labels, window);
        return {
          device,
          labels,
          ...histogramOf(
            reference.edges,
            draws(samples, () => normal() + moved),
          ),
        };
      });
      const { cause, scores } = scoreScopes(parts, reference, defaultDriftPolicy);
      if (cause) causes.push(`${describeCause(cause)} at ${window}`);
      for (const { scope, score } of scores) {
        const key = scopeKey(scope);
        const seen = observeWindow(states.get(key) ?? quietMonitor, score, defaultDriftPolicy, window);
        states.set(key, seen.state);
        judged += 1;
        if (seen.judgement.kind === "drifted") drifted += 1;
        if (seen.alert) alerts.push(`${seen.alert.kind} ${key} at ${window}`);
      }
    }
  }
  return { judged, drifted, alerts, causes };
}

test.each([1, 2, 3])("no drift, seed %d: 21,300 windows of 200 samples or more open no alert", (seed) => {
  const { judged, drifted, alerts } = simulate({ seed, windows: 10, features: 10, samples: 200, shift: () => 0 });
  expect(judged).toBe((200 + 12 + 1) * 10 * 10);
  expect(alerts).toEqual([]);
  // What chance exceeds once in a thousand windows is seldom also an effect.
  expect(drifted).toBeLessThan(judged / 1000);
});

test("no drift in windows of the smallest size that is judged: at most one alert", () => {
  const { alerts } = simulate({ seed: 4, windows: 10, features: 10, samples: 100, shift: () => 0 });
  expect(alerts.length).toBeLessThanOrEqual(1);
});

test.each([0.7, 1.5, 5])(
  "one site moves by %d in window 4: it is named at once, its alert opens in window 5, and no other",
  (moved) => {
    const { alerts, causes } = simulate({
      seed: 5,
      windows: 7,
      features: 1,
      samples: 200,
      shift: ({ site }, window) => (site === "site-3" && window >= 4 ? moved : 0),
    });
    expect(causes).toEqual([4, 5, 6, 7].map((window) => `site=site-3 at ${window}`));
    expect(alerts).toEqual(["opened cohort site=site-3 at 5"]);
  },
);

test("it heals in window 7: the alert closes in window 8", () => {
  const { alerts } = simulate({
    seed: 6,
    windows: 9,
    features: 1,
    samples: 200,
    shift: ({ site }, window) => (site === "site-3" && window >= 4 && window < 7 ? 1 : 0),
  });
  expect(alerts).toEqual(["opened cohort site=site-3 at 5", "closed cohort site=site-3 at 8"]);
});

test("the whole fleet moves: one alert, not one for each of 213 scopes", () => {
  const { alerts } = simulate({
    seed: 7,
    windows: 5,
    features: 1,
    samples: 200,
    shift: (_, window) => (window >= 3 ? 1 : 0),
  });
  expect(alerts).toEqual(["opened fleet at 4"]);
});
