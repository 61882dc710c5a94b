import {
  graphAttribute,
  intAttribute,
  intsAttribute,
  modelOf,
  node,
  tensorValue,
} from "../../control-plane/packaging/onnx/build.ts";
import { encodeModel } from "../../control-plane/packaging/onnx/encode.ts";
import type {
  GraphProto,
  ModelProto,
  NodeProto,
  TensorProto,
  ValueInfoProto,
} from "../../control-plane/packaging/onnx/model.ts";
import { onnxMessage } from "../../control-plane/packaging/onnx/schema.ts";
import { rawTensor } from "../../control-plane/packaging/onnx/tensor.ts";
import { endless } from "./tiny-models.ts";

/** A model file that no fleet must get. */
export interface BadModel {
  readonly name: string;
  readonly bytes: Uint8Array;
  /**
   * How it is found: when the file is inspected ("format" for what is no model, "refused" for a reason against one), or only when it is
   * loaded or run in a child process.
   */
  readonly found: "format" | "refused" | "child";
  readonly reason: RegExp;
}

const x = tensorValue("x", "float32", [1]);
const y = tensorValue("y", "float32", ["n"]);
const add = node("Add", ["x", "w"], ["y"]);

function graph(fields: Partial<GraphProto>): GraphProto {
  return onnxMessage("Graph", { name: "bad", input: [x], output: [y], ...fields });
}

function model(fields: Partial<GraphProto>, modelFields: Partial<ModelProto> = {}): Uint8Array {
  return encodeModel({ ...modelOf(graph(fields), "test"), ...modelFields });
}

function int64s(name: string, ...values: readonly (number | bigint)[]): TensorProto {
  return rawTensor(name, [values.length], "int64", BigInt64Array.from(values, BigInt));
}

function scalar(name: string, value: number): TensorProto {
  return rawTensor(name, [], "int64", BigInt64Array.of(BigInt(value)));
}

function weight(fields: Partial<TensorProto>): TensorProto {
  return { ...rawTensor("w", [4], "float32", new Float32Array(4)), ...fields };
}

function external(location: string, offset = "0", length = "16"): TensorProto {
  const entries = { location, offset, length };
  return onnxMessage("Tensor", {
    name: "w",
    dims: [4],
    dataType: 1,
    dataLocation: 1,
    externalData: Object.entries(entries).map(([key, value]) => onnxMessage("StringEntry", { key, value })),
  });
}

/** If inside If, `depth` times. */
function nestedIf(depth: number): NodeProto {
  const leaf = (name: string): GraphProto =>
    onnxMessage("Graph", {
      name,
      node: [node("Identity", ["x"], [name])],
      output: [onnxMessage("ValueInfo", { name })],
    });
  let branch = leaf("leaf");
  for (let level = 1; level < depth; level++) {
    const name = `level${level}`;
    branch = onnxMessage("Graph", {
      name,
      node: [ifNode(name, branch, leaf(`else${level}`))],
      output: [onnxMessage("ValueInfo", { name })],
    });
  }
  return ifNode("y", branch, leaf("last"));
}

function ifNode(output: string, then: GraphProto, otherwise: GraphProto): NodeProto {
  return node("If", ["c"], [output], [graphAttribute("then_branch", then), graphAttribute("else_branch", otherwise)]);
}

/** A Loop of `turns`, whose condition stays true. */
function loopOf(turns: number): Partial<GraphProto> {
  const [loop] = endless.node as readonly [NodeProto];
  return {
    node: [{ ...loop, input: ["turns", "go", "x"] }],
    initializer: [...(endless.initializer ?? []), scalar("turns", turns)],
    output: [tensorValue("y", "float32", [1])],
  };
}

function packedMatMul(columns: number, weights: TensorProto, scales: TensorProto): Uint8Array {
  const attributes = [
    intAttribute("K", 1_024),
    intAttribute("N", columns),
    intAttribute("bits", 4),
    intAttribute("block_size", 32),
  ];
  const opsetImport = [
    onnxMessage("OperatorSet", { domain: "", version: 17 }),
    onnxMessage("OperatorSet", { domain: "com.microsoft", version: 1 }),
  ];
  return model(
    {
      node: [node("MatMulNBits", ["x", "q", "s"], ["y"], attributes, "com.microsoft")],
      initializer: [weights, scales],
      input: [tensorValue("x", "float32", [1, 1_024])],
    },
    { opsetImport },
  );
}

function text(content: string): Uint8Array {
  return new TextEncoder().encode(content);
}

/** Random bytes, the same ones always (the generator of Numerical Recipes). */
function randomBytes(count: number): Uint8Array {
  let state = 7;
  return Uint8Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  });
}

/** `good` is a model in order, of which some are made. */
export function badModels(good: Uint8Array): readonly BadModel[] {
  const cut = (share: number): Uint8Array => good.subarray(0, Math.floor(good.length * share));
  const withoutShape = onnxMessage("ValueInfo", {
    name: "x",
    type: onnxMessage("Type", { tensorType: onnxMessage("TensorType", { elemType: 1 }) }),
  });
  const format = (name: string, bytes: Uint8Array, reason: RegExp): BadModel => ({
    name,
    bytes,
    found: "format",
    reason,
  });
  const refused = (name: string, bytes: Uint8Array, reason: RegExp): BadModel => ({
    name,
    bytes,
    found: "refused",
    reason,
  });
  const child = (name: string, bytes: Uint8Array, reason: RegExp): BadModel => ({
    name,
    bytes,
    found: "child",
    reason,
  });
  return [
    format("empty", new Uint8Array(), /empty/),
    format("cut after 10 %", cut(0.1), /truncated/),
    format("cut after 50 %", cut(0.5), /truncated/),
    format("cut after 90 %", cut(0.9), /truncated/),
    format("cut after 99 %", cut(0.99), /truncated/),
    format("random bytes", randomBytes(50_000), /./),
    format("an HTML page", text("<!DOCTYPE html><html>404 Not Found</html>"), /HTML page/),
    format("zeros", new Uint8Array(10_000), /zeros/),
    format(
      "a Git LFS pointer",
      text("version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 3\n"),
      /git lfs pull/,
    ),
    format("a gzip file", Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3), /gzip/),
    format("a zip file", Uint8Array.of(0x50, 0x4b, 3, 4, 20, 0, 0, 0), /zip archive/),
    format(
      "a PyTorch file",
      Uint8Array.of(0x50, 0x4b, 3, 4, 20, 0, 0, 0, ...text("archive/data.pkl")),
      /torch\.onnx\.export/,
    ),
    format("a pickle", Uint8Array.of(0x80, 2, 0x8a, 10), /pickle/),
    format("a TensorFlow Lite model", Uint8Array.of(0x1c, 0, 0, 0, ...text("TFL3"), 0, 0), /TensorFlow Lite/),
    format("no graph", encodeModel(onnxMessage("Model", { irVersion: 8 })), /no graph/),
    format("200 Ifs inside each other", model({ node: [nestedIf(200)] }), /nested deeper/),

    refused("45 Ifs inside each other", model({ node: [nestedIf(20)] }), /nested 20 deep/),
    refused("an unknown operator", model({ node: [node("FooBar", ["x"], ["y"])] }), /no operator "FooBar"/),
    refused(
      "an operator of a later set",
      model({ node: [node("Gelu", ["x"], ["y"])] }),
      /Gelu came with operator set 20/,
    ),
    refused("an unknown domain", model({ node: [node("Relu", ["x"], ["y"], [], "evil.corp")] }), /domain "evil\.corp"/),
    refused("a missing value", model({ node: [node("Add", ["x", "nope"], ["y"])] }), /"nope", which nothing makes/),
    refused(
      "an output that nothing makes",
      model({ node: [node("Relu", ["x"], ["z"])] }),
      /nothing makes the output "y"/,
    ),
    refused(
      "a cycle",
      model({ node: [node("Add", ["x", "b"], ["a"]), node("Relu", ["a"], ["b"]), node("Relu", ["b"], ["y"])] }),
      /wait for each other/,
    ),
    refused(
      "a value made twice",
      model({ node: [node("Relu", ["x"], ["y"]), { ...node("Relu", ["x"], ["y"]), name: "other" }] }),
      /"y" is made twice/,
    ),
    refused(
      "two nodes of one name",
      model({
        node: [
          { ...node("Relu", ["x"], ["z"]), name: "n" },
          { ...node("Relu", ["z"], ["y"]), name: "n" },
        ],
      }),
      /two nodes have the name "n"/,
    ),
    refused(
      "operator set 999",
      encodeModel(modelOf(graph({ node: [node("Relu", ["x"], ["y"])] }), "test", 999)),
      /set 999/,
    ),
    refused(
      "operator set 0",
      encodeModel(modelOf(graph({ node: [node("Relu", ["x"], ["y"])] }), "test", 0)),
      /set 0 is/,
    ),
    refused(
      "no operator set",
      model({ node: [node("Relu", ["x"], ["y"])] }, { opsetImport: [] }),
      /no default operator set/,
    ),
    refused("IR version 99", model({ node: [node("Relu", ["x"], ["y"])] }, { irVersion: 99 }), /IR version 99/),
    refused(
      "an input without a shape",
      model({ node: [node("Relu", ["x"], ["y"])], input: [withoutShape] }),
      /no shape/,
    ),
    refused(
      "an input of petabytes",
      model({ node: [node("Relu", ["x"], ["y"])], input: [tensorValue("x", "float32", [1_000_000, 1_000_000_000])] }),
      /input "x" takes .* GiB/,
    ),
    refused(
      "100,000 nodes",
      model({
        node: Array.from({ length: 100_000 }, (_, i) =>
          node("Relu", [i === 0 ? "x" : `n${i - 1}`], [i === 99_999 ? "y" : `n${i}`]),
        ),
      }),
      /100000 nodes/,
    ),

    refused(
      "a weight of petabytes",
      model({ node: [add], initializer: [weight({ dims: [1e9, 1e6] })] }),
      /needs \d+ bytes .* holds 16/,
    ),
    refused(
      "a weight of negative size",
      model({ node: [add], initializer: [weight({ dims: [-4] })] }),
      /impossible shape/,
    ),
    refused(
      "a weight beyond counting",
      model({ node: [add], initializer: [weight({ dims: [2n ** 62n, 4] })] }),
      /impossible shape/,
    ),
    refused(
      "a weight without data",
      model({ node: [add], initializer: [onnxMessage("Tensor", { name: "w", dims: [1_000], dataType: 1 })] }),
      /1000 values and holds none/,
    ),
    refused(
      "a weight of no known type",
      model({ node: [add], initializer: [weight({ dataType: 99 })] }),
      /element type 99/,
    ),

    refused(
      "ConstantOfShape of 40 GB",
      model({
        node: [node("ConstantOfShape", ["s"], ["c"]), node("Add", ["x", "c"], ["y"])],
        initializer: [int64s("s", 100_000, 100_000)],
      }),
      /ConstantOfShape .* 37\.3 GiB/,
    ),
    refused(
      "ConstantOfShape of 8 GB",
      model({
        node: [node("ConstantOfShape", ["s"], ["c"]), node("Add", ["x", "c"], ["y"])],
        initializer: [int64s("s", 2_000_000_000)],
      }),
      /ConstantOfShape .* 7\.45 GiB/,
    ),
    refused(
      "its size in a Constant node",
      model({
        node: [
          node(
            "Constant",
            [],
            ["s"],
            [onnxMessage("Attribute", { name: "value", type: 4, t: int64s("", 2_000_000_000) })],
          ),
          node("ConstantOfShape", ["s"], ["y"]),
        ],
      }),
      /7\.45 GiB/,
    ),
    refused(
      "Expand to 40 GB",
      model({ node: [node("Expand", ["x", "s"], ["y"])], initializer: [int64s("s", 1e5, 1e5)] }),
      /Expand .* GiB/,
    ),
    refused(
      "Tile",
      model({ node: [node("Tile", ["x", "s"], ["y"])], initializer: [int64s("s", 10_000_000_000)] }),
      /Tile .* GiB/,
    ),
    refused(
      "Range",
      model({
        node: [
          node("Range", ["a", "b", "c"], ["r"]),
          node("Cast", ["r"], ["f"], [intAttribute("to", 1)]),
          node("Add", ["f", "x"], ["y"]),
        ],
        initializer: [scalar("a", 0), scalar("b", 20_000_000_000), scalar("c", 1)],
      }),
      /Range .* GiB/,
    ),
    refused(
      "Pad",
      model({ node: [node("Pad", ["x", "p"], ["y"])], initializer: [int64s("p", 0, 9_000_000_000)] }),
      /Pad .* GiB/,
    ),
    refused(
      "Resize",
      model({
        node: [node("Resize", ["x", "", "", "s"], ["y"])],
        input: [tensorValue("x", "float32", [1, 1, 8, 8])],
        initializer: [int64s("s", 1, 1, 100_000, 100_000)],
      }),
      /Resize .* GiB/,
    ),
    refused(
      "an outer product",
      model({
        node: [node("MatMul", ["a", "b"], ["y"])],
        input: [x, tensorValue("a", "float32", [100_000, 1]), tensorValue("b", "float32", [1, 100_000])],
      }),
      /MatMul .* GiB/,
    ),
    refused(
      "random numbers without end",
      model({ node: [node("RandomNormal", [], ["y"], [intsAttribute("shape", [1e5, 1e5])])] }),
      /RandomNormal .* GiB/,
    ),
    refused("an endless loop", model(endless), /never ends/),
    refused("a loop of a quintillion turns", model(loopOf(1e18)), /makes 1000000000000000000 turns/),

    refused(
      "data in a file up the tree",
      model({ node: [add], initializer: [external("../../../../etc/passwd")] }),
      /another file/,
    ),
    refused("data in an absolute file", model({ node: [add], initializer: [external("/etc/passwd")] }), /another file/),
    refused("data in a file beside it", model({ node: [add], initializer: [external("good.onnx")] }), /another file/),
    refused(
      "a kernel that is not its weights'",
      model({
        node: [node("Conv", ["x", "w"], ["y"], [intsAttribute("kernel_shape", [100_000, 100_000])])],
        initializer: [rawTensor("w", [1, 1, 3, 3], "float32", new Float32Array(9))],
        input: [tensorValue("x", "float32", [1, 1, 8, 8])],
      }),
      /kernel of \[100000, 100000\]/,
    ),
    refused(
      "4-bit weights that are too short",
      packedMatMul(
        1_024,
        rawTensor("q", [1, 1, 16], "uint8", new Uint8Array(16)),
        rawTensor("s", [4], "float32", new Float32Array(4)),
      ),
      /needs 524288 packed weights and has 16/,
    ),
    refused(
      "4-bit weights that only say they are long enough",
      packedMatMul(
        1_024,
        rawTensor("q", [1_024, 32, 16], "uint8", new Uint8Array(16)),
        rawTensor("s", [32_768], "float32", new Float32Array(4)),
      ),
      /"q" needs 524288 bytes for its shape and holds 16/,
    ),

    child(
      "an index beyond the end",
      model({ node: [node("Gather", ["x", "i"], ["y"])], initializer: [int64s("i", 1_000_000)] }),
      /out of (data )?bounds|indices/i,
    ),
    child(
      "a shape of other numbers",
      model({ node: [node("Reshape", ["x", "s"], ["y"])], initializer: [int64s("s", 77)] }),
      /reshape/i,
    ),
    child(
      "padding below nothing",
      model({ node: [node("Pad", ["x", "p"], ["y"])], initializer: [int64s("p", -100, -100)] }),
      /pad|invalid dimension/i,
    ),
    child(
      "a zero point of no size",
      model({
        node: [
          node("MatMulInteger", ["x", "b", "az", "bz"], ["yi"]),
          node("Cast", ["yi"], ["y"], [intAttribute("to", 1)]),
        ],
        input: [tensorValue("x", "uint8", [1, 8])],
        initializer: [
          rawTensor("b", [8, 8], "int8", new Int8Array(64)),
          rawTensor("az", [], "uint8", new Uint8Array(1)),
          rawTensor("bz", [5], "int8", new Int8Array(5)),
        ],
      }),
      /zero.?point|bz/i,
    ),
    child("a loop that its input keeps going", model(loopWhileInput()), /took longer than/),
    child(
      "memory by an input's value",
      model({
        node: [node("ConstantOfShape", ["s"], ["c"]), node("Add", ["x", "c"], ["y"])],
        input: [x, tensorValue("s", "int64", [1])],
      }),
      /more than \d+ MiB of memory|alloc/i,
    ),
  ];
}

/** Goes on while the input is not negative: nothing that the file alone tells. */
function loopWhileInput(): Partial<GraphProto> {
  const values: readonly ValueInfoProto[] = [
    tensorValue("i", "int64", []),
    tensorValue("go.in", "bool", []),
    tensorValue("v.in", "float32", [1]),
  ];
  const body = onnxMessage("Graph", {
    name: "body",
    node: [
      node("GreaterOrEqual", ["v.in", "zero"], ["many"]),
      node("Squeeze", ["many"], ["go.out"]),
      node("Identity", ["v.in"], ["v.out"]),
    ],
    input: values,
    output: [tensorValue("go.out", "bool", []), tensorValue("v.out", "float32", [1])],
  });
  return {
    node: [node("Loop", ["", "go", "x"], ["y"], [graphAttribute("body", body)])],
    initializer: [
      rawTensor("go", [], "bool", Uint8Array.of(1)),
      rawTensor("zero", [1], "float32", new Float32Array(1)),
    ],
    output: [tensorValue("y", "float32", [1])],
  };
}
