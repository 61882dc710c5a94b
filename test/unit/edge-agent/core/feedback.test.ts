import { describe, expect, it } from "vitest";
import type { Truth } from "../../../../edge-agent/core/feedback.ts";
import { AnswerMemory } from "../../../../edge-agent/core/feedback.ts";
import type { Manifest } from "../../../../proto/manifest.ts";
import type { Tensor } from "../../../../proto/tensors.ts";
import { aManifest } from "../../../support/manifests.ts";

function floats(name: string, dims: readonly number[], values: readonly number[]): Tensor {
  return { name, dataType: "float32", dims, rawData: new Uint8Array(Float32Array.from(values).buffer) };
}

/** Two images; the first is a "zero", the second a "one". */
const images = floats("image", [2, 1, 2, 2], [0, 0, 0, 0, 1, 1, 1, 1]);
const logits = floats("logits", [2, 2], [3, 1, 0, 2]);
const regression: Partial<Manifest> = { interpretation: { kind: "regression", output: "logits" } };

function judged(truth: Truth, manifest: Partial<Manifest> = {}) {
  const memory = new AnswerMemory(aManifest(manifest));
  memory.remember("a", [images], [logits]);
  return memory.judge("a", truth);
}

describe("the truth about an answer", () => {
  it("is a label for each row of a classification", () => {
    expect(judged({ kind: "labels", labels: ["zero", "one"] })).toMatchObject({ right: 2, wrong: 0 });
    expect(judged({ kind: "labels", labels: ["one", "one"] })).toMatchObject({ right: 1, wrong: 1 });
    expect(() => judged({ kind: "labels", labels: ["zero"] })).toThrow("1 are given, and the answer has 2 rows");
    expect(() => judged({ kind: "labels", labels: ["zero", "two"] })).toThrow(
      '"two" is no label of this model: zero, one',
    );
    expect(() => judged({ kind: "values", values: [1, 2] })).toThrow("values are for a regression");
  });

  it("is a value for each row of a regression: |3 − 2.5| + |0 − 1| = 1.5", () => {
    expect(judged({ kind: "values", values: [2.5, 1] }, regression)).toEqual({
      right: 0,
      wrong: 0,
      values: 2,
      absoluteError: 1.5,
    });
    expect(() => judged({ kind: "labels", labels: ["zero", "one"] }, regression)).toThrow(
      "labels are for a classification",
    );
  });

  it("is just a verdict, for any model", () => {
    expect(judged({ kind: "verdicts", right: [true, false] }, regression)).toMatchObject({ right: 1, wrong: 1 });
  });

  it("is taken once, and a mistake in it can be corrected", () => {
    const memory = new AnswerMemory(aManifest());
    memory.remember("a", [images], [logits]);
    expect(() => memory.judge("a", { kind: "verdicts", right: [true] })).toThrow(/2 rows/);
    memory.judge("a", { kind: "verdicts", right: [true, true] });
    expect(() => memory.judge("a", { kind: "verdicts", right: [true, true] })).toThrow(
      'no answer is known under the id "a"',
    );
  });

  it("is about the newest answer of an id, and the oldest answers are forgotten", () => {
    const memory = new AnswerMemory(aManifest());
    for (let i = 0; i <= 2_048; i++) memory.remember(`n${i}`, [images], [logits]);
    expect([memory.has("n0"), memory.has("n1"), memory.has("n2048")]).toEqual([false, true, true]);
    memory.remember("n1", [images], [floats("logits", [2, 2], [1, 3, 0, 2])]);
    expect(memory.has("n2")).toBe(true);
    expect(memory.judge("n1", { kind: "labels", labels: ["one", "one"] })).toMatchObject({ right: 2 });
  });
});
