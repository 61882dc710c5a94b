import { expect, test } from "vitest";
import { defaultDriftPolicy } from "../../../../../control-plane/domain/drift/drift-policy.ts";
import { scopeName } from "../../../../../control-plane/domain/drift/drift-scope.ts";
import { judgeScore } from "../../../../../control-plane/domain/drift/judge-score.ts";
import { scoreScopes } from "../../../../../control-plane/domain/drift/score-scopes.ts";
import { categoricalReference, device } from "./stream-builders.ts";

const reference = categoricalReference([600, 400]);
const usual = [240, 160];
const moved = [40, 360];

function judged(parts: Parameters<typeof scoreScopes>[0]) {
  const { cause, scores } = scoreScopes(parts, reference, defaultDriftPolicy);
  const scopes = scores.map(({ scope, devices, leftOut, score }) => [
    scopeName(scope),
    devices,
    leftOut,
    judgeScore(score, defaultDriftPolicy).kind,
  ]);
  return { cause, scopes };
}

test("without drift every scope is scored whole, and there is no cause", () => {
  expect(judged([device("cam-1", { site: "lyon" }, usual), device("cam-2", { site: "nice" }, usual)])).toEqual({
    cause: undefined,
    scopes: [
      ["cam-1", 1, 0, "calm"],
      ["cam-2", 1, 0, "calm"],
      ["site=lyon", 1, 0, "calm"],
      ["site=nice", 1, 0, "calm"],
      ["fleet", 2, 0, "calm"],
    ],
  });
});

test("beside the cause, every scope is scored without the cause's devices", () => {
  const parts = [
    device("cam-1", { site: "lyon", camera: "a" }, moved),
    device("cam-2", { site: "lyon", camera: "b" }, moved),
    device("cam-3", { site: "nice", camera: "a" }, usual),
    device("cam-4", { site: "nice", camera: "b" }, usual),
  ];
  expect(judged(parts)).toEqual({
    cause: { kind: "cohort", key: "site", values: ["lyon"] },
    scopes: [
      ["cam-1", 0, 1, "inconclusive"],
      ["cam-2", 0, 1, "inconclusive"],
      ["cam-3", 1, 0, "calm"],
      ["cam-4", 1, 0, "calm"],
      ["camera=a", 1, 1, "calm"],
      ["camera=b", 1, 1, "calm"],
      ["site=lyon", 2, 0, "drifted"],
      ["site=nice", 2, 0, "calm"],
      ["fleet", 2, 2, "calm"],
    ],
  });
});

test("another drift beside the cause is still found", () => {
  const parts = [
    ...["cam-1", "cam-2", "cam-3"].map((id) => device(id, { site: "lyon" }, moved)),
    ...["cam-4", "cam-5", "cam-6"].map((id) => device(id, { site: "nice" }, usual)),
    device("cam-7", { site: "nice" }, [399, 1]),
  ];
  const { cause, scopes } = judged(parts);
  expect(cause).toEqual({ kind: "cohort", key: "site", values: ["lyon"] });
  expect(scopes.filter(([, , , kind]) => kind === "drifted").map(([name]) => name)).toEqual(["cam-7", "site=lyon"]);
});

test("the whole fleet drifted: only the fleet's own scope says so", () => {
  const parts = ["cam-1", "cam-2", "cam-3", "cam-4"].map((id) => device(id, { site: id }, moved));
  const { cause, scopes } = judged(parts);
  expect(cause).toEqual({ kind: "fleet" });
  expect(scopes.filter(([, , , kind]) => kind === "drifted").map(([name]) => name)).toEqual(["fleet"]);
});

test("a broken device does not make its site or the fleet drift", () => {
  const parts = [
    device("cam-1", { site: "lyon" }, [1, 399]),
    ...["cam-2", "cam-3", "cam-4"].map((id) => device(id, { site: "lyon" }, usual)),
    ...["cam-5", "cam-6", "cam-7", "cam-8"].map((id) => device(id, { site: "nice" }, usual)),
  ];
  const { cause, scopes } = judged(parts);
  expect(cause).toEqual({ kind: "devices", devices: ["cam-1"] });
  expect(scopes.filter(([, , , kind]) => kind === "drifted").map(([name]) => name)).toEqual(["cam-1"]);
});

test("of no device, only nothing can be said", () => {
  expect(judged([])).toEqual({ cause: undefined, scopes: [] });
});
