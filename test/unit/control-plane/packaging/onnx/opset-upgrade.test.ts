import { describe, expect, it } from "vitest";
import {
  floatAttribute,
  intAttribute,
  intsAttribute,
  node,
  textAttribute,
} from "../../../../../control-plane/packaging/onnx/build.ts";
import { defaultOpset } from "../../../../../control-plane/packaging/onnx/graph/opsets.ts";
import type { ModelProto, NodeProto, TensorProto } from "../../../../../control-plane/packaging/onnx/model.ts";
import { upgradeOpset } from "../../../../../control-plane/packaging/onnx/opset-upgrade.ts";
import { onnxMessage } from "../../../../../control-plane/packaging/onnx/schema.ts";
import { QuantizationError } from "../../../../../control-plane/packaging/quantization/quantization.ts";
import { randomTensor, runOnnx } from "../../../../support/run-onnx.ts";
import { constant, network, weight } from "../../../../support/small-networks.ts";

const floats = (name: string, values: readonly number[]): NodeProto["attribute"][number] =>
  onnxMessage("Attribute", { name, floats: values, type: 6 });

interface Case {
  readonly opset: number;
  readonly nodes: readonly NodeProto[];
  readonly input?: readonly number[];
  readonly constants?: readonly TensorProto[];
}

function modelOf({ opset, nodes, input = [2, 3, 4], constants = [] }: Case): ModelProto {
  return network(input, nodes, constants, { opset });
}

async function resultOf(
  model: ModelProto,
  input: readonly number[] = [2, 3, 4],
): Promise<{ readonly dims: readonly number[]; readonly values: readonly number[] }> {
  const { y } = await runOnnx(model, { x: randomTensor(input, 7) }, { optimization: "disabled" });
  return { dims: y?.dims ?? [], values: Array.from((y?.data ?? []) as Float32Array) };
}

/** One node of each operator whose signature or meaning changed, in the form it had before. */
const changed: Readonly<Record<string, Case>> = {
  "Clip with limits as attributes": {
    opset: 9,
    nodes: [node("Clip", ["x"], ["y"], [floatAttribute("min", -0.5), floatAttribute("max", 0.25)])],
  },
  "Clip with one limit": { opset: 7, nodes: [node("Clip", ["x"], ["y"], [floatAttribute("max", 0.25)])] },
  "Slice with attributes": {
    opset: 9,
    nodes: [
      node(
        "Slice",
        ["x"],
        ["y"],
        [intsAttribute("starts", [1, -3]), intsAttribute("ends", [3, 9999]), intsAttribute("axes", [1, 2])],
      ),
    ],
  },
  "Slice without axes": {
    opset: 7,
    nodes: [node("Slice", ["x"], ["y"], [intsAttribute("starts", [1]), intsAttribute("ends", [2])])],
  },
  "Unsqueeze and Squeeze": {
    opset: 11,
    nodes: [
      node("Unsqueeze", ["x"], ["u"], [intsAttribute("axes", [0, 3])]),
      node("Squeeze", ["u"], ["y"], [intsAttribute("axes", [0])]),
    ],
  },
  "Squeeze of all": { opset: 9, nodes: [node("Squeeze", ["x"], ["y"])], input: [1, 3, 1] },
  "ReduceSum over some axes": {
    opset: 12,
    nodes: [node("ReduceSum", ["x"], ["y"], [intsAttribute("axes", [1]), intAttribute("keepdims", 0)])],
  },
  "ReduceMean and ReduceMax": {
    opset: 9,
    nodes: [
      node("ReduceMean", ["x"], ["m"], [intsAttribute("axes", [2])]),
      node("ReduceMax", ["m"], ["y"], [intAttribute("keepdims", 0)]),
    ],
  },
  "Split into given and into equal parts": {
    opset: 9,
    nodes: [
      node("Split", ["x"], ["a", "b"], [intAttribute("axis", 1), intsAttribute("split", [1, 2])]),
      node("Split", ["b"], ["c", "d"], [intAttribute("axis", 2)]),
      node("Concat", ["c", "d"], ["y"], [intAttribute("axis", 1)]),
    ],
  },
  "Pad with zeros and with a value": {
    opset: 9,
    nodes: [
      node("Pad", ["x"], ["p"], [intsAttribute("pads", [0, 1, 0, 0, 0, 2])]),
      node("Pad", ["p"], ["y"], [intsAttribute("pads", [0, 0, 1, 0, 0, 0]), floatAttribute("value", 1.5)]),
    ],
  },
  "Pad by reflection": {
    opset: 10,
    nodes: [node("Pad", ["x"], ["y"], [textAttribute("mode", "reflect"), intsAttribute("pads", [0, 0, 2, 0, 0, 1])])],
  },
  "Dropout at inference": {
    opset: 9,
    nodes: [node("Dropout", ["x"], ["d"], [floatAttribute("ratio", 0.3)]), node("Neg", ["d"], ["y"])],
  },
  TopK: { opset: 9, nodes: [node("TopK", ["x"], ["y", "places"], [intAttribute("k", 2), intAttribute("axis", 1)])] },
  "Softmax over the last two dimensions": { opset: 11, nodes: [node("Softmax", ["x"], ["y"])] },
  "Softmax over everything": { opset: 9, nodes: [node("Softmax", ["x"], ["y"], [intAttribute("axis", 0)])] },
  "Softmax over the last dimension": { opset: 9, nodes: [node("Softmax", ["x"], ["y"], [intAttribute("axis", 2)])] },
  "LogSoftmax over the last two dimensions": {
    opset: 12,
    nodes: [node("LogSoftmax", ["x"], ["y"], [intAttribute("axis", 1)])],
  },
  "Hardmax of an inner value": { opset: 11, nodes: [node("Neg", ["x"], ["n"]), node("Hardmax", ["n"], ["y"])] },
  "BatchNormalization of version 7": {
    opset: 7,
    nodes: [node("BatchNormalization", ["x", "s", "b", "m", "v"], ["y"], [intAttribute("spatial", 1)])],
    constants: ["s", "b", "m"].map((name) => weight(name, [3])).concat(constant("v", [1, 2, 0.5])),
  },
  "Upsample to the nearest": {
    opset: 7,
    nodes: [node("Upsample", ["x"], ["y"], [floats("scales", [1, 1, 2, 3])])],
    input: [1, 2, 3, 4],
  },
  "Upsample linearly": {
    opset: 9,
    nodes: [node("Upsample", ["x", "scales"], ["y"], [textAttribute("mode", "linear")])],
    constants: [constant("scales", [1, 1, 2, 2])],
    input: [1, 2, 3, 4],
  },
  "Resize of version 10": {
    opset: 10,
    nodes: [node("Resize", ["x", "scales"], ["y"], [textAttribute("mode", "nearest")])],
    constants: [constant("scales", [1, 1, 2, 1.5])],
    input: [1, 2, 3, 4],
  },
};

describe.each(Object.entries(changed))("%s", (_, one) => {
  it.each([13, 18, 21])("gives the same under version %i", async (target) => {
    const model = modelOf(one);
    const upgraded = upgradeOpset(model, target);
    expect(defaultOpset(upgraded)).toBe(target);
    const [before, after] = [await resultOf(model, one.input), await resultOf(upgraded, one.input)];
    expect(after.dims).toEqual(before.dims);
    expect(before.values).not.toHaveLength(0);
    for (const [index, value] of before.values.entries()) expect(after.values[index]).toBeCloseTo(value, 6);
  });
});

describe("what is not converted", () => {
  it.each([
    [{ opset: 8, nodes: [node("Scan", ["x"], ["y"])] }, 'Scan "Scan_y": its newer version computes something else', 9],
    [
      { opset: 10, nodes: [node("Resize", ["x", "scales"], ["y"])], constants: [constant("scales", [1, 0.5, 1])] },
      'Resize "Resize_y"',
      11,
    ],
    [{ opset: 11, nodes: [node("Nonsense", ["x"], ["y"])] }, 'Nonsense "Nonsense_y": it is not known', 13],
    [{ opset: 9, nodes: [node("Dropout", ["x"], ["y", "mask"])] }, "the type of its mask changed", 10],
    [
      { opset: 13, nodes: [node("BatchNormalization", ["x", "s", "b", "m", "v"], ["y", "m2"])] },
      "it is in training mode",
      14,
    ],
    [
      { opset: 7, nodes: [node("BatchNormalization", ["x", "s", "b", "m", "v"], ["y"], [intAttribute("spatial", 0)])] },
      "spatial = 0",
      9,
    ],
    [{ opset: 6, nodes: [node("Relu", ["x"], ["y"])] }, "version 6", 13],
    [{ opset: 13, nodes: [node("Relu", ["x"], ["y"])] }, "version 22", 22],
  ] as const)("%j is refused with its reason", (one, message, target) => {
    const upgrade = (): ModelProto => upgradeOpset(modelOf(one), target);
    expect(upgrade).toThrow(QuantizationError);
    expect(upgrade).toThrow(message);
  });

  it("names every node that stands in the way", () => {
    const nodes = [node("Nonsense", ["x"], ["a"]), node("Scan", ["a"], ["b"]), node("Gibberish", ["b"], ["y"])];
    expect(() => upgradeOpset(modelOf({ opset: 8, nodes }), 13)).toThrow(/Nonsense_a.*Scan_b.*Gibberish_y/);
  });

  it("leaves operators of other domains alone", () => {
    const nodes = [node("Clip", ["x"], ["y"], [floatAttribute("min", 0)], "my.domain")];
    expect(upgradeOpset(modelOf({ opset: 9, nodes }), 13).graph?.node).toEqual(nodes);
  });

  it("leaves a model alone that is newer already", () => {
    const model = modelOf({ opset: 17, nodes: [node("Relu", ["x"], ["y"])] });
    expect(upgradeOpset(model, 13)).toBe(model);
  });

  it("does not guess the type of a limit in a model that mixes floats", () => {
    const nodes = [
      node("Cast", ["x"], ["d"], [intAttribute("to", 11)]),
      node("Clip", ["d"], ["y"], [floatAttribute("min", 0)]),
    ];
    expect(() => upgradeOpset(modelOf({ opset: 9, nodes }), 13)).toThrow(/does not say whether they are float32/);
  });
});
