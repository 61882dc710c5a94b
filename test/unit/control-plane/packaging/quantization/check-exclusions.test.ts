import { describe, expect, it } from "vitest";
import { node } from "../../../../../control-plane/packaging/onnx/build.ts";
import { checkExclusions, nearNames } from "../../../../../control-plane/packaging/quantization/check-exclusions.ts";
import { smallModel } from "../../../../support/small-models.ts";

const model = smallModel({
  nodes: [
    { ...node("Relu", ["x"], ["a"]), name: "/features/conv1/Relu" },
    { ...node("Relu", ["a"], ["b"]), name: "/features/conv2/Relu" },
    { ...node("Relu", ["b"], ["y"]), name: "" },
  ],
});

describe("checkExclusions", () => {
  it("takes names of nodes, and the first output of a node without a name", () => {
    expect(() => checkExclusions(model, ["/features/conv1/Relu", "y"])).not.toThrow();
  });

  it("names every unknown node, and the names near it", () => {
    expect(() => checkExclusions(model, ["/features/conv1/Rely", "conv2", "zzzzzzzz"])).toThrow(
      'the list of exclusions cannot be followed: no node is called "/features/conv1/Rely" ' +
        '(near it: "/features/conv1/Relu", "/features/conv2/Relu"); ' +
        'no node is called "conv2" (near it: "/features/conv2/Relu"); no node is called "zzzzzzzz"',
    );
  });
});

describe("nearNames", () => {
  it("gives the nearest first, at most three", () => {
    expect(nearNames("fc1", ["fc10", "gc1", "fc2", "FC1", "unlike"])).toEqual(["FC1", "fc2", "gc1"]);
  });

  it("gives nothing where nothing is near", () => {
    expect(nearNames("fc1", ["convolution"])).toEqual([]);
    expect(nearNames("fc1", [])).toEqual([]);
  });
});
