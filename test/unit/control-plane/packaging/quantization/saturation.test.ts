import { describe, expect, it } from "vitest";
import { floatAttribute, node } from "../../../../../control-plane/packaging/onnx/build.ts";
import { usesOf } from "../../../../../control-plane/packaging/onnx/graph/uses-of.ts";
import type { NodeProto } from "../../../../../control-plane/packaging/onnx/model.ts";
import { saturation } from "../../../../../control-plane/packaging/quantization/saturation.ts";
import { smallGraph } from "../../../../support/small-models.ts";

const saturationOf = (nodes: readonly NodeProto[], outputs: Readonly<Record<string, readonly number[]>> = {}) =>
  saturation("x", usesOf(smallGraph({ nodes, outputs })).get("x") ?? []);

const hard = node("HardSigmoid", ["x"], ["h"], [floatAttribute("alpha", 0.25), floatAttribute("beta", 0.5)]);
const times = node("Mul", ["h", "x"], ["y"]);

describe("where those that read a value saturate", () => {
  it.each([
    ["a gate: at both ends", [hard], { min: -2, max: 2 }],
    ["a hard swish in two nodes: below", [hard, times], { min: -2, max: Infinity }],
    ["a hard swish in one", [node("HardSwish", ["x"], ["y"])], { min: -3, max: Infinity }],
    ["a SiLU", [node("Sigmoid", ["x"], ["h"]), times], { min: -12, max: Infinity }],
    ["a Tanh", [node("Tanh", ["x"], ["y"])], { min: -8, max: 8 }],
  ])("%s", (_what, nodes, limits) => {
    expect(saturationOf(nodes)).toEqual(limits);
  });

  it.each([
    ["nothing reads it", []],
    ["a reader does not saturate", [node("Relu", ["x"], ["y"])]],
    ["the product is with another gate", [hard, node("Mul", ["x", "g"], ["y"])]],
    ["a third reads it too", [hard, times, node("Neg", ["x"], ["z"])]],
    ["two gates read it", [hard, node("Sigmoid", ["x"], ["s"])]],
  ])("nowhere: %s", (_what, nodes) => {
    expect(saturationOf(nodes)).toBeUndefined();
  });

  it("nowhere, when it is an output of the model as well", () => {
    expect(saturationOf([hard, times], { x: [1, 16] })).toBeUndefined();
  });
});
