import { describe, expect, it } from "vitest";
import { floatAttribute, node } from "../../../../../../control-plane/packaging/onnx/build.ts";
import { FreshNames } from "../../../../../../control-plane/packaging/onnx/graph/fresh-names.ts";
import { joinClips } from "../../../../../../control-plane/packaging/onnx/graph/join-clips.ts";
import type { GraphProto, ModelProto, NodeProto } from "../../../../../../control-plane/packaging/onnx/model.ts";
import { quantizeStatically } from "../../../../../support/quantize-with-ranges.ts";
import { randomTensor, runOnnx } from "../../../../../support/run-onnx.ts";
import { constant, network, weight } from "../../../../../support/small-networks.ts";

const limits = Object.entries({ low: -0.5, one: 1, six: 6, nothing: 0 }).map(([name, value]) =>
  constant(name, [value], []),
);
const relu = (from: string, to: string): NodeProto => node("Relu", [from], [to]);
const clip = (from: string, to: string, min = "", max = ""): NodeProto => node("Clip", [from, min, max], [to]);

function joined(nodes: readonly NodeProto[]): { readonly before: ModelProto; readonly after: ModelProto } {
  const before = network([1, 8], nodes, limits);
  return { before, after: { ...before, graph: joinClips(before.graph as GraphProto, new FreshNames(before)).graph } };
}

const operators = (model: ModelProto): readonly string[] => (model.graph?.node ?? []).map(({ opType = "" }) => opType);

describe("clips that follow each other", () => {
  it.each([
    ["two Relus", [relu("x", "a"), relu("a", "y")], ["Relu"]],
    ["a Relu and a Clip", [relu("x", "a"), clip("a", "y", "low", "one")], ["Clip"]],
    ["a Clip and a Relu", [clip("x", "a", "low", "one"), relu("a", "y")], ["Clip"]],
    ["a Clip without limits and a Relu", [clip("x", "a"), relu("a", "y")], ["Relu"]],
    ["three", [clip("x", "a", "low", "six"), clip("a", "b", "", "one"), clip("b", "y", "low")], ["Clip"]],
  ])("%s become one, which gives the same", async (_what, nodes, after) => {
    const models = joined(nodes);
    expect(operators(models.after)).toEqual(after);
    const x = randomTensor([1, 8], 3);
    const [one, two] = [await runOnnx(models.before, { x }), await runOnnx(models.after, { x })];
    expect(two["y"]?.data).toEqual(one["y"]?.data);
  });

  it.each([
    ["another node reads the first", [relu("x", "a"), clip("a", "b", "low", "one"), node("Add", ["a", "b"], ["y"])]],
    ["a limit is computed", [node("Neg", ["one"], ["m"]), clip("x", "a", "m", "one"), relu("a", "y")]],
    ["the limits do not hold 0", [clip("x", "a", "one", "six"), clip("a", "y", "low", "nothing")]],
    ["the limits are attributes", [relu("x", "a"), node("Clip", ["a"], ["y"], [floatAttribute("max", 0.5)])]],
  ])("stay where %s", (_what, nodes) => {
    const { before, after } = joined(nodes);
    expect(after).toEqual(before);
  });

  it.each(["Sigmoid", "LeakyRelu", "Softmax"])(
    "behind a %s are loaded by onnxruntime after quantization",
    async (first) => {
      const dims = [1, 3, 8, 8];
      const nodes = [
        node("Conv", ["x", "w"], ["a"]),
        node(first, ["a"], ["b"]),
        clip("b", "c", "low", "one"),
        relu("c", "d"),
        node("Conv", ["d", "v"], ["y"]),
      ];
      const model = network(dims, nodes, [...limits, weight("w", [3, 3, 3, 3]), weight("v", [3, 3, 3, 3], 2)]);
      const x = randomTensor(dims, 1);
      const { model: quantized } = await quantizeStatically(model, [{ x }]);
      await expect(runOnnx(quantized, { x }, { optimization: "all" })).resolves.toHaveProperty("y");
    },
  );
});
