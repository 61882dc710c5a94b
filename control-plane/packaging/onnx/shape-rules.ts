import { intListOf, intOf, tensorOf, textOf } from "./graph/attributes.ts";
import type { NodeProto } from "./model.ts";
import { dataTypeName } from "./tensor.ts";
import { integerRules } from "./shape-rules-of-integers.ts";
import type { Dims, ShapeRule, ShapeValue } from "./shape-value.ts";
import { axisOf, broadcast, product } from "./shape-value.ts";

/**
 * Shape inference for the operators that make up nearly all networks (ONNX, docs/Operators.md). An operator without a rule, or a
 * shape that depends on data, leaves its outputs unknown: the declared value_info then counts.
 */
export function shapeRule(operator: string): ShapeRule | undefined {
  return rules.get(operator);
}

const sameShape: ShapeRule = (_node, [x]) => [x === undefined ? undefined : { type: x.type, dims: x.dims }];

const together: ShapeRule = (_node, inputs) => [
  {
    type: inputs.find((input) => input?.type !== undefined)?.type,
    dims: broadcast(inputs.map((input) => input?.dims)),
  },
];

const comparison: ShapeRule = (_node, inputs) => [
  { type: "bool", dims: broadcast(inputs.map((input) => input?.dims)) },
];

const predicate: ShapeRule = (_node, [x]) => [{ type: "bool", dims: x?.dims }];

/** Convolution and pooling, any number of spatial dimensions. `channels` are those of the result. */
function windowed(
  node: NodeProto,
  x: ShapeValue | undefined,
  kernel: Dims | undefined,
  channels: number | undefined,
): Dims | undefined {
  if (x?.dims === undefined || kernel === undefined) return undefined;
  const [batch, , ...spatial] = x.dims;
  const strides = intListOf(node, "strides");
  const dilations = intListOf(node, "dilations");
  const pads = intListOf(node, "pads");
  const auto = textOf(node, "auto_pad", "NOTSET");
  const round = intOf(node, "ceil_mode", 0) === 1 ? Math.ceil : Math.floor;
  const sizes = spatial.map((size, i) => {
    const window = kernel[i];
    const stride = strides?.[i] ?? 1;
    if (size === undefined || window === undefined) return undefined;
    if (auto.startsWith("SAME")) return Math.ceil(size / stride);
    const reach = (dilations?.[i] ?? 1) * (window - 1) + 1;
    const padding = auto === "VALID" ? 0 : (pads?.[i] ?? 0) + (pads?.[i + spatial.length] ?? 0);
    return Math.max(0, round((size + padding - reach) / stride) + 1);
  });
  return [batch, channels, ...sizes];
}

const conv: ShapeRule = (node, [x, w]) => {
  const kernel = w?.dims?.slice(2) ?? intListOf(node, "kernel_shape");
  return [{ type: x?.type, dims: windowed(node, x, kernel, w?.dims?.[0]) }];
};

/** QLinearConv(x, x_scale, x_zero_point, w, ...) and its like. */
const quantizedConv: ShapeRule = (node, inputs) => conv(node, [inputs[0], inputs[3]]);

const integerConv: ShapeRule = (node, inputs) => conv(node, inputs).map((y) => y && { ...y, type: "int32" as const });

const convTranspose: ShapeRule = (node, [x, w]) => {
  if (x?.dims === undefined || w?.dims === undefined) return [{ type: x?.type, dims: undefined }];
  const [batch, , ...spatial] = x.dims;
  const [, perGroup, ...kernel] = w.dims;
  const strides = intListOf(node, "strides");
  const dilations = intListOf(node, "dilations");
  const pads = intListOf(node, "pads");
  const extra = intListOf(node, "output_padding");
  const asked = intListOf(node, "output_shape");
  const auto = textOf(node, "auto_pad", "NOTSET");
  const channels = perGroup === undefined ? undefined : perGroup * intOf(node, "group", 1);
  const sizes = spatial.map((size, i) => {
    const window = kernel[i];
    const stride = strides?.[i] ?? 1;
    if (asked?.[i] !== undefined) return asked[i];
    if (size === undefined || window === undefined) return undefined;
    if (auto.startsWith("SAME")) return size * stride;
    const padding = (pads?.[i] ?? 0) + (pads?.[i + spatial.length] ?? 0);
    return stride * (size - 1) + (extra?.[i] ?? 0) + (window - 1) * (dilations?.[i] ?? 1) + 1 - padding;
  });
  return [{ type: x.type, dims: [batch, channels, ...sizes] }];
};

const pool: ShapeRule = (node, [x]) => {
  const dims = windowed(node, x, intListOf(node, "kernel_shape"), x?.dims?.[1]);
  return [
    { type: x?.type, dims },
    { type: "int64", dims },
  ];
};

const globalPool: ShapeRule = (_node, [x]) => [{ type: x?.type, dims: x?.dims?.map((size, i) => (i < 2 ? size : 1)) }];

/** NumPy's matmul: the last two dimensions multiply, those before broadcast, vectors lose their dimension again. */
function matrixProduct(a: Dims | undefined, b: Dims | undefined): Dims | undefined {
  if (a === undefined || b === undefined || a.length === 0 || b.length === 0) return undefined;
  const left = a.length === 1 ? [1, ...a] : a;
  const right = b.length === 1 ? [...b, 1] : b;
  const batch = broadcast([left.slice(0, -2), right.slice(0, -2)]);
  if (batch === undefined) return undefined;
  return [...batch, ...(a.length === 1 ? [] : [left.at(-2)]), ...(b.length === 1 ? [] : [right.at(-1)])];
}

const matMul: ShapeRule = (_node, [a, b]) => [{ type: a?.type, dims: matrixProduct(a?.dims, b?.dims) }];

const quantizedMatMul: ShapeRule = (_node, inputs) => [
  { type: inputs[7]?.type ?? inputs[0]?.type, dims: matrixProduct(inputs[0]?.dims, inputs[3]?.dims) },
];

const integerMatMul: ShapeRule = (_node, [a, b]) => [{ type: "int32", dims: matrixProduct(a?.dims, b?.dims) }];

/** com.microsoft MatMulNBits: B is packed, the attribute N says its columns. */
const packedMatMul: ShapeRule = (node, [a]) => [
  { type: a?.type, dims: a?.dims && [...a.dims.slice(0, -1), intOf(node, "N", 0)] },
];

const gemm: ShapeRule = (node, [a, b]) => {
  const rows = intOf(node, "transA", 0) === 1 ? a?.dims?.[1] : a?.dims?.[0];
  const columns = intOf(node, "transB", 0) === 1 ? b?.dims?.[0] : b?.dims?.[1];
  return [{ type: a?.type, dims: [rows, columns] }];
};

const flatten: ShapeRule = (node, [x]) => {
  if (x?.dims === undefined) return [undefined];
  const axis = axisOf(intOf(node, "axis", 1), x.dims.length);
  return [{ type: x.type, dims: [product(x.dims.slice(0, axis)), product(x.dims.slice(axis))] }];
};

const transpose: ShapeRule = (node, [x]) => {
  if (x?.dims === undefined) return [undefined];
  const { dims } = x;
  const order = intListOf(node, "perm") ?? [...dims.keys()].toReversed();
  return [{ type: x.type, dims: order.map((from) => dims[from]) }];
};

const reduce: ShapeRule = (node, [x, axesInput]) => {
  if (x?.dims === undefined) return [undefined];
  const { dims, type } = x;
  const axes = intListOf(node, "axes") ?? axesInput?.numbers;
  if (axes === undefined && axesInput !== undefined) return [{ type, dims: undefined }];
  const all = axes === undefined || axes.length === 0;
  const reduced = new Set((axes ?? []).map((axis) => (axis === undefined ? Number.NaN : axisOf(axis, dims.length))));
  const keep = intOf(node, "keepdims", 1) === 1;
  const result = dims.flatMap((size, i) => (all || reduced.has(i) ? (keep ? [1] : []) : [size]));
  return [{ type, dims: result }];
};

const argument: ShapeRule = (node, [x]) => {
  if (x?.dims === undefined) return [undefined];
  const axis = axisOf(intOf(node, "axis", 0), x.dims.length);
  const keep = intOf(node, "keepdims", 1) === 1;
  return [{ type: "int64", dims: x.dims.flatMap((size, i) => (i === axis ? (keep ? [1] : []) : [size])) }];
};

const quantize: ShapeRule = (_node, [x, , zero]) => [{ type: zero?.type ?? "uint8", dims: x?.dims }];

const dequantize: ShapeRule = (_node, [x, scale]) => [{ type: scale?.type ?? "float32", dims: x?.dims }];

const dynamicQuantize: ShapeRule = (_node, [x]) => [
  { type: "uint8", dims: x?.dims },
  { type: "float32", dims: [] },
  { type: "uint8", dims: [] },
];

const cast: ShapeRule = (node, [x]) => [
  { type: dataTypeName(intOf(node, "to", 1)), dims: x?.dims, numbers: x?.numbers },
];

const constant: ShapeRule = (node) => {
  const tensor = tensorOf(node, "value");
  return [tensor === undefined ? undefined : { type: dataTypeName(tensor.dataType), dims: tensor.dims.map(Number) }];
};

const depthToSpace: ShapeRule = (node, [x]) => {
  const block = intOf(node, "blocksize", 1);
  return [{ type: x?.type, dims: x?.dims?.map((n, i) => n && (i === 1 ? n / block ** 2 : i > 1 ? n * block : n)) }];
};

/** X [sequence, batch, input], R [directions, ...]: Y [sequence, directions, batch, hidden] and the last states. */
const recurrent: ShapeRule = (node, [x, , r]) => {
  // The batch first: rare, and told by value_info where it occurs.
  if (intOf(node, "layout", 0) === 1) return [];
  const hidden = intOf(node, "hidden_size", 0) || r?.dims?.[2];
  const directions = r?.dims?.[0];
  const last = { type: x?.type, dims: [directions, x?.dims?.[1], hidden] };
  return [{ type: x?.type, dims: [x?.dims?.[0], directions, x?.dims?.[1], hidden] }, last, last];
};

const filled: ShapeRule = (node) => {
  const dims = intListOf(node, "shape");
  return [dims === undefined ? undefined : { type: dataTypeName(intOf(node, "dtype", 1)), dims }];
};

function named(rule: ShapeRule, operators: string): readonly (readonly [string, ShapeRule])[] {
  return operators.split(" ").map((operator) => [operator, rule] as const);
}

const rules: ReadonlyMap<string, ShapeRule> = new Map([
  ...named(
    sameShape,
    "Abs Acos Acosh Asin Asinh Atan Atanh BatchNormalization Bernoulli BitwiseNot Ceil Celu Clip Cos Cosh CumSum Dropout Elu Erf " +
      "Exp FastGelu Floor Gelu GroupNormalization HardSigmoid HardSwish Hardmax InstanceNormalization LRN LayerNormalization LeakyRelu " +
      "Log LogSoftmax LpNormalization MeanVarianceNormalization Mish Neg Not QuickGelu RandomNormalLike RandomUniformLike Reciprocal " +
      "Relu ReverseSequence Round Scatter ScatterElements ScatterND Selu Shrink Sigmoid Sign Sin Sinh Softmax Softplus Softsign Sqrt " +
      "Tan Tanh ThresholdedRelu Trilu QLinearLeakyRelu QLinearSigmoid",
  ),
  ...named(together, "Add Sub Mul Div Pow PRelu Min Max Sum Mean Mod BitShift BitwiseAnd BitwiseOr BitwiseXor"),
  ...named((node, [, x, y]) => together(node, [x, y]), "Where"),
  ...named((node, inputs) => together(node, [inputs[0], inputs[3]]), "QLinearAdd QLinearMul"),
  ...named(comparison, "And Or Xor Equal Greater GreaterOrEqual Less LessOrEqual"),
  ...named(predicate, "IsInf IsNaN"),
  ...named(conv, "Conv FusedConv"),
  ...named(quantizedConv, "QLinearConv"),
  ...named(integerConv, "ConvInteger"),
  ...named(convTranspose, "ConvTranspose"),
  ...named(pool, "MaxPool AveragePool LpPool QLinearAveragePool"),
  ...named(globalPool, "GlobalAveragePool GlobalMaxPool GlobalLpPool QLinearGlobalAveragePool"),
  ...named(matMul, "MatMul DynamicQuantizeMatMul"),
  ...named(quantizedMatMul, "QLinearMatMul"),
  ...named(integerMatMul, "MatMulInteger"),
  ...named(packedMatMul, "MatMulNBits"),
  ...named(gemm, "Gemm FusedGemm"),
  ...named(flatten, "Flatten"),
  ...named(transpose, "Transpose"),
  ...named(
    reduce,
    "ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare",
  ),
  ...named(argument, "ArgMax ArgMin"),
  ...named(quantize, "QuantizeLinear"),
  ...named(dequantize, "DequantizeLinear"),
  ...named(dynamicQuantize, "DynamicQuantizeLinear"),
  ...named(cast, "Cast"),
  ...named(constant, "Constant"),
  ...named(depthToSpace, "DepthToSpace"),
  ...named(recurrent, "LSTM GRU RNN DynamicQuantizeLSTM"),
  ...named(filled, "RandomNormal RandomUniform"),
  ...Object.entries(integerRules),
]);
