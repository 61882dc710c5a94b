import { describe, expect, it } from "vitest";
import {
  graphAttribute,
  intAttribute,
  node,
  tensorValue,
} from "../../../../../../control-plane/packaging/onnx/build.ts";
import { floatOf, intListOf, intOf, textOf } from "../../../../../../control-plane/packaging/onnx/graph/attributes.ts";
import { floatsOf } from "../../../../../../control-plane/packaging/onnx/graph/floats-of.ts";
import { FreshNames } from "../../../../../../control-plane/packaging/onnx/graph/fresh-names.ts";
import { hoistConstants } from "../../../../../../control-plane/packaging/onnx/graph/hoist-constants.ts";
import { intsOf } from "../../../../../../control-plane/packaging/onnx/graph/ints-of.ts";
import { mapGraphs, mapNodes } from "../../../../../../control-plane/packaging/onnx/graph/map-graphs.ts";
import { nodeKey } from "../../../../../../control-plane/packaging/onnx/graph/node-key.ts";
import { defaultOpset, withDomain } from "../../../../../../control-plane/packaging/onnx/graph/opsets.ts";
import { pruneUnused } from "../../../../../../control-plane/packaging/onnx/graph/prune-unused.ts";
import { removeIdentities } from "../../../../../../control-plane/packaging/onnx/graph/remove-identities.ts";
import { usesOf } from "../../../../../../control-plane/packaging/onnx/graph/uses-of.ts";
import { withOutputs } from "../../../../../../control-plane/packaging/onnx/graph/with-outputs.ts";
import type {
  AttributeProto,
  GraphProto,
  ModelProto,
  NodeProto,
} from "../../../../../../control-plane/packaging/onnx/model.ts";
import { OnnxFormatError } from "../../../../../../control-plane/packaging/onnx/onnx-format-error.ts";
import { onnxMessage } from "../../../../../../control-plane/packaging/onnx/schema.ts";
import { rawTensor } from "../../../../../../control-plane/packaging/onnx/tensor.ts";
import { constant, int64s, network } from "../../../../../support/small-networks.ts";

function graphOf(model: ModelProto): GraphProto {
  return model.graph ?? onnxMessage("Graph", {});
}

/** An If whose branch computes `nodes` and gives their last value. */
function branch(nodes: readonly NodeProto[], more: Partial<GraphProto> = {}): NodeProto {
  const output = [onnxMessage("ValueInfo", { name: nodes.at(-1)?.output[0] ?? "" })];
  const body = onnxMessage("Graph", { name: "body", node: nodes, output, ...more });
  return node("If", ["condition"], ["y"], [graphAttribute("then_branch", body), graphAttribute("else_branch", body)]);
}

describe("the values of a tensor", () => {
  it("are read from bytes that begin anywhere", () => {
    const bytes = new Uint8Array(9);
    bytes.set(new Uint8Array(Float32Array.of(1.5, -2).buffer), 1);
    const tensor = { ...constant("t", [0, 0]), rawData: bytes.subarray(1) };
    expect(floatsOf(tensor)).toEqual(Float32Array.of(1.5, -2));
  });

  it("are read from the typed field", () => {
    expect(floatsOf(onnxMessage("Tensor", { dims: [2], dataType: 1, floatData: [1, 2] }))).toEqual(
      Float32Array.of(1, 2),
    );
    expect(intsOf(onnxMessage("Tensor", { dims: [2], dataType: 7, int64Data: [3n, -4] }))).toEqual([3, -4]);
    expect(intsOf(rawTensor("t", [2], "int32", Int32Array.of(5, -6)))).toEqual([5, -6]);
    expect(intsOf(int64s("t", [-1, 7]))).toEqual([-1, 7]);
  });

  it("are a copy", () => {
    const tensor = constant("t", [1]);
    floatsOf(tensor)[0] = 2;
    expect(floatsOf(tensor)[0]).toBe(1);
  });

  it.each([
    [{ ...constant("t", [1]), dims: [2] }, /declares 2 elements and holds 1/],
    [{ ...constant("t", [1]), dims: [-1] }, /impossible dimensions/],
    [rawTensor("t", [1], "int8", Int8Array.of(1)), /holds int8/],
    [{ ...constant("t", [1]), dataLocation: 1 }, /in another file/],
  ])("are refused where they are not what the tensor says", (tensor, message) => {
    expect(() => floatsOf(tensor)).toThrow(OnnxFormatError);
    expect(() => floatsOf(tensor)).toThrow(message);
    expect(() => intsOf(tensor)).toThrow(OnnxFormatError);
  });
});

describe("attributes", () => {
  it("are read by name, or give the fallback", () => {
    const one = node("Conv", ["x"], ["y"], [intAttribute("group", 4)]);
    expect(intOf(one, "group", 1)).toBe(4);
    expect([
      intOf(one, "axis", -1),
      floatOf(one, "alpha", 0.5),
      textOf(one, "mode", "none"),
      intListOf(one, "pads"),
    ]).toEqual([-1, 0.5, "none", undefined]);
  });

  it("give a node's name, or its first output where it has none", () => {
    expect(nodeKey(onnxMessage("Node", { name: "n", output: ["a"] }))).toBe("n");
    expect(nodeKey(onnxMessage("Node", { name: "", output: ["", "b"] }))).toBe("b");
  });
});

describe("fresh names", () => {
  it("are those of no value and no node, in no scope", () => {
    const model = network([1], [branch([node("Neg", ["x"], ["inner"])])], [constant("w", [1])]);
    const names = new FreshNames(model);
    expect(["w", "inner", "Neg_inner", "condition", "y", "free", "free"].map((name) => names.take(name))).toEqual([
      "w_2",
      "inner_2",
      "Neg_inner_2",
      "condition_2",
      "y_2",
      "free",
      "free_2",
    ]);
  });
});

describe("uses of a value", () => {
  it("are nodes, outputs, and what reads it inside bodies", () => {
    const inner = node("Add", ["x", "w"], ["sum"]);
    const model = network([1], [node("Neg", ["x"], ["n"]), branch([inner])], [constant("w", [1])]);
    const uses = usesOf(graphOf(model));
    expect(uses.get("x")?.map(({ node: user, slot, depth }) => [user?.opType, slot, depth])).toEqual([
      ["Neg", 0, 0],
      ["Add", 0, 1],
      ["Add", 0, 1],
    ]);
    expect(uses.get("w")?.map(({ slot }) => slot)).toEqual([1, 1]);
    expect(uses.get("y")).toEqual([{ node: undefined, slot: 0, depth: 0 }]);
    expect(uses.has("n")).toBe(false);
    expect(uses.has("sum")).toBe(false);
  });

  it("do not count a body that means its own value by the name", () => {
    const model = network(
      [1],
      [branch([node("Neg", ["w"], ["out"])], { initializer: [constant("w", [2])] })],
      [constant("w", [1])],
    );
    expect(usesOf(graphOf(model)).has("w")).toBe(false);
  });
});

describe("rebuilding a model", () => {
  it("reaches every graph, the inner ones first, and keeps what does not change", () => {
    const model = network([1], [branch([branch([node("Neg", ["x"], ["a"])])])], []);
    const seen: number[] = [];
    expect(
      mapGraphs(model, (graph, depth) => {
        seen.push(depth);
        return graph;
      }),
    ).toBe(model);
    expect(seen).toEqual([2, 2, 1, 2, 2, 1, 0]);
  });

  it("reaches the nodes of bodies and of functions", () => {
    const definition = onnxMessage("Function", { name: "f", node: [node("Neg", ["a"], ["b"])] });
    const model = { ...network([1], [branch([node("Neg", ["x"], ["a"])])], []), functions: [definition] };
    const changed = mapNodes(model, (one) => (one.opType === "Neg" ? { ...one, opType: "Abs" } : one));
    const names: string[] = [];
    mapNodes(changed, (one) => {
      names.push(one.opType ?? "");
      return one;
    });
    expect(names.toSorted()).toEqual(["Abs", "Abs", "Abs", "If"]);
  });
});

describe("hoisting constants", () => {
  const value = (attribute: Partial<AttributeProto>): NodeProto["attribute"] => [onnxMessage("Attribute", attribute)];

  it("makes initializers of all kinds of numbers, in every scope", () => {
    const constants = [
      node("Constant", [], ["a"], value({ name: "value", t: constant("ignored", [1, 2]) })),
      node("Constant", [], ["b"], value({ name: "value_float", f: 0.5 })),
      node("Constant", [], ["c"], value({ name: "value_floats", floats: [1, 2] })),
      node("Constant", [], ["d"], value({ name: "value_int", i: -3 })),
      node("Constant", [], ["e"], value({ name: "value_ints", ints: [4, 5n] })),
      node("Constant", [], ["f"], value({ name: "value_string", s: new Uint8Array() })),
    ];
    const inside = node("Constant", [], ["g"], value({ name: "value_float", f: 1 }));
    const { model, count } = hoistConstants(
      network([1], [...constants, branch([inside, node("Neg", ["g"], ["n"])])], []),
    );
    const { initializer, node: nodes } = graphOf(model);
    expect(count).toBe(7);
    expect(initializer.map(({ name, dims }) => [name, dims])).toEqual([
      ["a", [2]],
      ["b", []],
      ["c", [2]],
      ["d", []],
      ["e", [2]],
    ]);
    expect(intsOf(initializer[4] ?? constant("", []))).toEqual([4, 5]);
    expect(nodes.map(({ opType }) => opType)).toEqual(["Constant", "If"]);
    expect(nodes[1]?.attribute[0]?.g?.initializer.map(({ name }) => name)).toEqual(["g"]);
  });

  it("leaves a constant that is an output of its graph", () => {
    const model = network([1], [node("Constant", [], ["y"], value({ name: "value_float", f: 1 }))], []);
    expect(hoistConstants(model)).toEqual({ model, count: 0 });
  });

  it("needs no entries among the inputs from IR version 4 on", () => {
    const old = network(
      [1],
      [node("Constant", [], ["c"], value({ name: "value_float", f: 1 }))],
      [constant("w", [1])],
      {
        input: [tensorValue("x", "float32", [1]), tensorValue("w", "float32", [1])],
      },
    );
    const { model } = hoistConstants({ ...old, irVersion: 3 });
    expect(model.irVersion).toBe(4);
    expect(graphOf(model).input.map(({ name }) => name)).toEqual(["x"]);
  });
});

describe("pruning", () => {
  it("drops what nobody reads, and keeps what only a body reads", () => {
    const model = network(
      [1],
      [branch([node("Neg", ["inner"], ["n"])])],
      [constant("inner", [1]), constant("unused", [1]), constant("y", [1])],
      { input: [tensorValue("x", "float32", [1]), tensorValue("unused", "float32", [1])] },
    );
    const pruned = graphOf(pruneUnused(model));
    expect(pruned.initializer.map(({ name }) => name)).toEqual(["inner", "y"]);
    expect(pruned.input.map(({ name }) => name)).toEqual(["x"]);
  });
});

describe("removing nodes that pass on", () => {
  it("lets readers read the source, in bodies too, and keeps those that name an output", () => {
    const nodes = [
      node("Identity", ["x"], ["a"]),
      node("Dropout", ["a"], ["b"]),
      branch([node("Neg", ["b"], ["n"])]),
      node("Identity", ["b"], ["out"]),
    ];
    const model = network([1], nodes, [], { output: ["y", "out"].map((name) => onnxMessage("ValueInfo", { name })) });
    const { graph, count } = removeIdentities(graphOf(model));
    expect(count).toBe(2);
    expect(graph.node.map(({ opType, input }) => [opType, input])).toEqual([
      ["If", ["condition"]],
      ["Identity", ["x"]],
    ]);
    expect(graph.node[0]?.attribute[0]?.g?.node[0]?.input).toEqual(["x"]);
  });

  it("keeps a Dropout that may train, or whose mask is read", () => {
    const nodes = [
      node("Dropout", ["x", "", "training"], ["a"]),
      node("Dropout", ["a"], ["b", "mask"]),
      node("Not", ["mask"], ["y"]),
    ];
    expect(removeIdentities(graphOf(network([1], nodes, []))).count).toBe(0);
  });

  it("does not let a body mistake another value for the source", () => {
    const body = branch([node("Neg", ["x"], ["other"]), node("Add", ["a", "x"], ["n"])], {
      initializer: [constant("x", [1])],
    });
    expect(removeIdentities(graphOf(network([1], [node("Identity", ["x"], ["a"]), body], []))).count).toBe(0);
  });
});

describe("operator sets and outputs", () => {
  it("say which version a model uses, or that it does not say", () => {
    const model = network([1], [], []);
    expect(defaultOpset(model)).toBe(17);
    expect(defaultOpset({ ...model, opsetImport: [{ domain: "ai.onnx", version: 12 }] })).toBe(12);
    expect(() => defaultOpset({ ...model, opsetImport: [] })).toThrow(OnnxFormatError);
  });

  it("are added once", () => {
    const model = network([1], [node("Neg", ["x"], ["a"]), node("Neg", ["a"], ["y"])], []);
    expect(withDomain(withDomain(model, "com.microsoft", 1), "com.microsoft", 2).opsetImport).toHaveLength(2);
    expect(graphOf(withOutputs(model, ["a", "x", "y", "a"])).output.map(({ name }) => name)).toEqual(["y", "a"]);
  });
});
