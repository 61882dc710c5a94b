import { intAttribute, textAttribute } from "./build.ts";
import { attributeOf, floatListOf, floatOf, intListOf, intOf, textOf, withoutAttributes } from "./graph/attributes.ts";
import { floatsOf, isFloat } from "./graph/floats-of.ts";
import type { NodeProto, TensorProto } from "./model.ts";
import { onnxMessage } from "./schema.ts";
import { rawTensor } from "./tensor.ts";

/** What a conversion may ask of the graph around its node, and add to it. */
export interface ConversionScope {
  /** Adds an initializer to the node's own graph, under a name like `wanted`. */
  constant(wanted: string, tensor: TensorProto): string;
  /** A name like `wanted` that nothing bears. */
  fresh(wanted: string): string;
  /** The initializer that the name means here, unless it may be replaced by whoever runs the model. */
  valueOf(name: string): TensorProto | undefined;
  /** The declared rank of a value, where the file declares it. */
  rankOf(name: string): number | undefined;
  /** No value in the model holds float16, bfloat16 or float64. */
  readonly isFloat32Only: boolean;
}

/** The nodes that compute the same under the next version, or why there are none. */
export type Converted = readonly NodeProto[] | { readonly refused: string };
type Convert = (node: NodeProto, scope: ConversionScope) => Converted;

/**
 * Operators of the default domain that changed meaning or signature between versions 8 and 21: the version that changed them, and how
 * a node of the version before becomes one of that version. Chains (Upsample 9 → 10 → Resize 11) are applied in order.
 */
export const conversions: ReadonlyMap<string, ReadonlyMap<number, Convert>> = table({
  AveragePool: { 19: averagePoolTo19 },
  BatchNormalization: { 9: withoutSpatial, 14: inferenceOnly },
  Clip: { 11: clipTo11 },
  ConvTranspose: { 11: convTransposeTo11 },
  DFT: { 20: changed },
  Dropout: { 10: oneOutput, 12: dropoutTo12 },
  GridSample: { 20: gridSampleTo20 },
  GroupNormalization: { 21: changed },
  Hardmax: { 13: flattened },
  LogSoftmax: { 13: flattened },
  Pad: { 11: padTo11 },
  ReduceL1: { 18: axesToInput },
  ReduceL2: { 18: axesToInput },
  ReduceLogSum: { 18: axesToInput },
  ReduceLogSumExp: { 18: axesToInput },
  ReduceMax: { 18: axesToInput },
  ReduceMean: { 18: axesToInput },
  ReduceMin: { 18: axesToInput },
  ReduceProd: { 18: axesToInput },
  ReduceSum: { 13: axesToInput },
  ReduceSumSquare: { 18: axesToInput },
  Resize: { 11: resizeTo11, 13: resizeTo13 },
  RoiAlign: { 16: roiAlignTo16 },
  Scan: { 9: changed },
  Scatter: { 11: (node) => [{ ...node, opType: "ScatterElements" }] },
  Slice: { 10: sliceTo10 },
  Softmax: { 13: flattened },
  Split: { 13: splitTo13, 18: splitTo18 },
  Squeeze: { 13: axesToInput },
  TopK: { 10: topKTo10 },
  Unsqueeze: { 13: axesToInput },
  Upsample: { 9: upsampleTo9, 10: (node) => [{ ...node, opType: "Resize" }] },
});

function table(
  rows: Readonly<Record<string, Readonly<Record<number, Convert>>>>,
): ReadonlyMap<string, ReadonlyMap<number, Convert>> {
  return new Map(
    Object.entries(rows).map(([operator, steps]) => [
      operator,
      new Map(Object.entries(steps).map(([version, convert]) => [Number(version), convert])),
    ]),
  );
}

/** The largest int64, which says "to the end" in slices, has no number of its own: as a number it is one more. */
const largestInt64 = 2n ** 63n - 1n;

function int64s(values: readonly number[]): TensorProto {
  const exact = values.map((value) => (BigInt(value) > largestInt64 ? largestInt64 : BigInt(value)));
  return rawTensor("", [values.length], "int64", BigInt64Array.from(exact));
}

function floats(values: readonly number[], dims = [values.length]): TensorProto {
  return rawTensor("", dims, "float32", Float32Array.from(values));
}

function nameOf(node: NodeProto, part: string): string {
  return `${node.output.find((output) => output !== "") ?? node.opType ?? ""}_${part}`;
}

/** Inputs with `name` at `slot`; optional inputs before it that are absent have empty names. */
function withInput(node: NodeProto, slot: number, name: string): NodeProto {
  const input = [...node.input];
  while (input.length < slot) input.push("");
  input[slot] = name;
  return { ...node, input };
}

function changed(): Converted {
  return { refused: "its newer version computes something else" };
}

function axesToInput(node: NodeProto, scope: ConversionScope): Converted {
  const axes = intListOf(node, "axes");
  const rest = withoutAttributes(node, "axes");
  // No axes and an empty list both mean "all axes", before and after.
  if (axes === undefined || axes.length === 0) return [rest];
  return [withInput(rest, 1, scope.constant(nameOf(node, "axes"), int64s(axes)))];
}

function averagePoolTo19(node: NodeProto): Converted {
  if (intOf(node, "ceil_mode", 0) === 1 && intOf(node, "count_include_pad", 0) === 1)
    return { refused: "with ceil_mode and count_include_pad together it divides by another number since version 19" };
  return [node];
}

function withoutSpatial(node: NodeProto): Converted {
  if (intOf(node, "spatial", 1) !== 1)
    return { refused: "statistics for each element (spatial = 0) ended with version 9" };
  return [withoutAttributes(node, "spatial")];
}

function inferenceOnly(node: NodeProto): Converted {
  if (node.output.slice(1).some((output) => output !== "")) return { refused: "it is in training mode" };
  return [{ ...node, output: node.output.slice(0, 1) }];
}

function clipTo11(node: NodeProto, scope: ConversionScope): Converted {
  const limits = ["min", "max"].map((name) => attributeOf(node, name)?.f);
  if (!scope.isFloat32Only && limits.some((limit) => limit !== undefined))
    return { refused: "its limits become inputs, and the model does not say whether they are float32" };
  return [
    limits.reduce<NodeProto>(
      (converted, limit, index) =>
        limit === undefined
          ? converted
          : withInput(
              converted,
              index + 1,
              scope.constant(nameOf(node, index === 0 ? "min" : "max"), floats([limit], [])),
            ),
      withoutAttributes(node, "min", "max"),
    ),
  ];
}

function convTransposeTo11(node: NodeProto): Converted {
  if (textOf(node, "auto_pad", "NOTSET").startsWith("SAME"))
    return { refused: `auto_pad = ${textOf(node, "auto_pad", "")} pads another side since version 11` };
  return [node];
}

function oneOutput(node: NodeProto): Converted {
  if (node.output.slice(1).some((output) => output !== "")) return { refused: "the type of its mask changed" };
  return [node];
}

function dropoutTo12(node: NodeProto, scope: ConversionScope): Converted {
  const ratio = floatOf(node, "ratio", 0.5);
  return [withInput(withoutAttributes(node, "ratio"), 1, scope.constant(nameOf(node, "ratio"), floats([ratio], [])))];
}

function gridSampleTo20(node: NodeProto): Converted {
  const mode = textOf(node, "mode", "bilinear");
  const renamed = { bilinear: "linear", bicubic: "cubic" }[mode] ?? mode;
  const rest = withoutAttributes(node, "mode");
  return [{ ...rest, attribute: [...rest.attribute, textAttribute("mode", renamed)] }];
}

/**
 * Before version 13 the input was seen as a matrix, cut at `axis` (1 where absent), and its rows were normalized; since then only the
 * one dimension `axis` (the last where absent) is. For the last dimension both are the same; otherwise the matrix is made and undone.
 */
function flattened(node: NodeProto, scope: ConversionScope): Converted {
  const axis = intOf(node, "axis", 1);
  const [from = "", to = ""] = [node.input[0], node.output[0]];
  const rank = scope.rankOf(from) ?? scope.rankOf(to);
  const overLast = { ...node, attribute: [intAttribute("axis", -1)] };
  if (axis === -1 || (rank !== undefined && axis === rank - 1)) return [overLast];
  const [shape, matrix, rows] = [scope.fresh(`${to}_shape`), scope.fresh(`${to}_matrix`), scope.fresh(`${to}_rows`)];
  const made = (opType: string, input: readonly string[], output: string, attribute: NodeProto["attribute"] = []) =>
    onnxMessage("Node", { opType, name: scope.fresh(`${opType}_${output}`), input, output: [output], attribute });
  return [
    made("Shape", [from], shape),
    made("Flatten", [from], matrix, [intAttribute("axis", axis)]),
    { ...overLast, input: [matrix], output: [rows] },
    made("Reshape", [rows, shape], to),
  ];
}

function padTo11(node: NodeProto, scope: ConversionScope): Converted {
  const value = floatOf(node, "value", 0);
  if (value !== 0 && !scope.isFloat32Only)
    return { refused: "its value becomes an input, and the model does not say whether that is float32" };
  const pads = scope.constant(nameOf(node, "pads"), int64s(intListOf(node, "pads") ?? []));
  const padded = withInput(withoutAttributes(node, "pads", "value"), 1, pads);
  if (value === 0) return [padded];
  return [withInput(padded, 2, scope.constant(nameOf(node, "value"), floats([value], [])))];
}

/**
 * Version 10 stretches from the corner ("asymmetric"). To the nearest element it goes down when it makes the input larger and up when
 * it makes it smaller, so the factors must be known and none below 1.
 */
function resizeTo11(node: NodeProto, scope: ConversionScope): Converted {
  const scales = scope.valueOf(node.input[1] ?? "");
  const isNearest = textOf(node, "mode", "nearest") === "nearest";
  if (isNearest && !(scales !== undefined && isFloat(scales) && floatsOf(scales).every((factor) => factor >= 1)))
    return { refused: "the nearest element is another one where factors below 1 are possible" };
  const roi = scope.constant(nameOf(node, "roi"), floats([]));
  return [
    {
      ...node,
      input: [node.input[0] ?? "", roi, node.input[1] ?? ""],
      attribute: [
        ...node.attribute,
        textAttribute("coordinate_transformation_mode", "asymmetric"),
        ...(isNearest ? [textAttribute("nearest_mode", "floor")] : []),
      ],
    },
  ];
}

function resizeTo13(node: NodeProto): Converted {
  if (textOf(node, "coordinate_transformation_mode", "half_pixel") === "tf_half_pixel_for_nn")
    return { refused: "tf_half_pixel_for_nn ended with version 13" };
  return [node];
}

function roiAlignTo16(node: NodeProto): Converted {
  return [
    { ...node, attribute: [...node.attribute, textAttribute("coordinate_transformation_mode", "output_half_pixel")] },
  ];
}

function sliceTo10(node: NodeProto, scope: ConversionScope): Converted {
  const parts = ["starts", "ends", "axes"].flatMap((name) => {
    const values = intListOf(node, name);
    return values === undefined ? [] : [scope.constant(nameOf(node, name), int64s(values))];
  });
  return [{ ...withoutAttributes(node, "starts", "ends", "axes"), input: [node.input[0] ?? "", ...parts] }];
}

function splitTo13(node: NodeProto, scope: ConversionScope): Converted {
  const sizes = intListOf(node, "split");
  const rest = withoutAttributes(node, "split");
  return [sizes === undefined ? rest : withInput(rest, 1, scope.constant(nameOf(node, "split"), int64s(sizes)))];
}

/** Without sizes, version 18 wants to be told into how many (equal) parts. */
function splitTo18(node: NodeProto): Converted {
  if ((node.input[1] ?? "") !== "") return [node];
  return [{ ...node, attribute: [...node.attribute, intAttribute("num_outputs", node.output.length)] }];
}

function topKTo10(node: NodeProto, scope: ConversionScope): Converted {
  const k = scope.constant(nameOf(node, "k"), int64s([intOf(node, "k", 0)]));
  return [withInput(withoutAttributes(node, "k"), 1, k)];
}

function upsampleTo9(node: NodeProto, scope: ConversionScope): Converted {
  const scales = scope.constant(nameOf(node, "scales"), floats(floatListOf(node, "scales") ?? []));
  return [withInput(withoutAttributes(node, "scales"), 1, scales)];
}
