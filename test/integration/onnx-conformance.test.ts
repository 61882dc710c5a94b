import { existsSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import type { ConformanceResult } from "../support/conformance-result.ts";
import { conformanceDone } from "../support/conformance-result.ts";
import { runChild } from "../support/run-child.ts";

/** Debian's libonnx-testdata: the models with which ONNX tests its backends, each with inputs and outputs. */
const root = "/usr/lib/python3/dist-packages/onnx/backend/test/data";
const isInstalled = existsSync(root);
const program = new URL("../support/children/run-conformance-models.ts", import.meta.url);

/** What Sedge refuses although onnxruntime runs it: what the contract does not carry, and what is no model to ask. */
const knownRefusals = [
  /has the element type (u?int(16|32|64)|float16|bfloat16|string); Sedge carries/,
  // Sequences and optional values, which have no element type either.
  /has the element type unknown; Sedge carries/,
  /declares no shape/,
  /the graph has no inputs/,
];

describe.skipIf(!isInstalled)("ONNX's own test models (apt-get install libonnx-testdata)", () => {
  let results: readonly ConformanceResult[];

  beforeAll(async () => {
    await using child = runChild(program, [root]);
    await child.line((line) => line === conformanceDone);
    results = child.lines
      .filter((line) => line.startsWith("{"))
      .map((line): ConformanceResult => JSON.parse(line) as ConformanceResult);
  });

  it("are all decoded and encoded to the same bytes, with their tensors", () => {
    expect(results.length).toBeGreaterThanOrEqual(1_072);
    expect(results.filter(({ sameBytes }) => !sameBytes)).toEqual([]);
  });

  it("are refused only for what Sedge does not carry, where onnxruntime runs them", () => {
    const others = results
      .filter(({ ran }) => ran.kind === "passed")
      .flatMap(({ model, refusals }) =>
        refusals
          .filter((reason) => !knownRefusals.some((known) => known.test(reason)))
          .map((reason) => `${model}: ${reason}`),
      );
    expect(others).toEqual([]);
  });

  it("are read as samples where they are not refused", () => {
    const accepted = results.filter(({ refusals }) => refusals.length === 0);
    expect(accepted.filter(({ sampled }) => !sampled).map(({ model }) => model)).toEqual([]);
    expect(accepted.length).toBeGreaterThanOrEqual(940);
  });

  it("give what they shall in onnxruntime, fed and compared through our codec", () => {
    const passed = results.filter(({ ran }) => ran.kind === "passed");
    expect(passed.length).toBeGreaterThanOrEqual(955);
  });

  it("have the shapes that the walk finds without running them", () => {
    expect(results.flatMap(({ model, shapesWrong }) => shapesWrong.map((wrong) => `${model}: ${wrong}`))).toEqual([]);
    expect(results.reduce((sum, { shapesKnown }) => sum + shapesKnown, 0)).toBeGreaterThan(860);
  });
});
