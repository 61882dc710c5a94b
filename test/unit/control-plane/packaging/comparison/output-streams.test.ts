import { expect, test } from "vitest";
import { OutputStreams } from "../../../../../control-plane/packaging/comparison/output-streams.ts";
import type { Tensor } from "../../../../../proto/tensors.ts";
import type { StreamSource } from "../../../../../proto/streams.ts";

function tensor(name: string, values: readonly number[]): Tensor {
  const rawData = new Uint8Array(Float32Array.from(values).buffer);
  return { name, dataType: "float32", dims: [1, values.length], rawData };
}

const spec = (name: string) => ({ name, dataType: "float32" as const, shape: ["batch", 2] });
const classifier: StreamSource = {
  inputs: [spec("x")],
  features: [{ kind: "mean", name: "brightness", input: "x" }],
  interpretation: { kind: "classification", output: "y", scores: "probabilities", labels: ["no", "yes"] },
};

function compared(a: StreamSource, b: StreamSource, answers: readonly (readonly [number[], number[]])[]) {
  const streams = new OutputStreams(a, b);
  for (const [ofA, ofB] of answers) streams.add([tensor("x", [0, 0])], [tensor("y", ofA)], [tensor("y", ofB)]);
  return streams.result();
}

test("what both answer to the same samples is counted by what it means", () => {
  const answers = Array.from({ length: 40 }, (_, i) => [[0.9, 0.1], i < 10 ? [0.9, 0.1] : [0.2, 0.8]] as const);
  const [classes, confidence, ...others] = compared(
    classifier,
    classifier,
    answers.map(([a, b]) => [[...a], [...b]]),
  );
  // The inputs are the same for both: only what comes out is compared.
  expect(others).toEqual([]);
  expect(classes).toMatchObject({ name: "output.class", moved: { category: "no", a: 1, b: 0.25 } });
  expect(classes?.distance?.psi).toBeGreaterThan(classes?.distance?.chance ?? Infinity);
  expect(confidence).toMatchObject({ name: "output.confidence", a: { rows: 40 }, b: { rows: 40 } });
});

test("labels in another order are the same classes", () => {
  const turned: StreamSource = {
    ...classifier,
    interpretation: { kind: "classification", output: "y", scores: "probabilities", labels: ["yes", "no"] },
  };
  const [classes] = compared(
    classifier,
    turned,
    Array.from({ length: 20 }, () => [
      [0.9, 0.1],
      [0.1, 0.9],
    ]),
  );
  expect(classes).toMatchObject({ distance: { psi: 0 }, moved: undefined });
});

test("numbers are counted in bins that follow from the answers of A, so that both have the same", () => {
  const regression: StreamSource = { ...classifier, interpretation: { kind: "regression", output: "y" } };
  const values = Array.from({ length: 100 }, (_, i) => i / 100);
  const [same] = compared(
    regression,
    regression,
    values.map((value) => [[value], [value]]),
  );
  expect(same).toMatchObject({ name: "output.value", distance: { psi: 0 }, note: undefined });
  const [moved] = compared(
    regression,
    regression,
    values.map((value) => [[value], [value + 0.5]]),
  );
  expect(moved?.distance?.psi).toBeGreaterThan(moved?.distance?.chance ?? Infinity);
});
