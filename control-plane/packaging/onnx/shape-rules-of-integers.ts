import { floatListOf, intListOf, intOf, tensorOf } from "./graph/attributes.ts";
import type { NodeProto } from "./model.ts";
import { dataTypeName } from "./tensor.ts";
import type { Dims, Numbers, RuleInputs, ShapeRule, ShapeValue } from "./shape-value.ts";
import { axisOf, broadcast, mostDimensions, product } from "./shape-value.ts";

/** A vector of integers, or a scalar where `scalar` says so. */
function integers(numbers: Numbers, scalar = false): ShapeValue {
  return { type: "int64", dims: scalar ? [] : [numbers.length], numbers };
}

/** The attribute of older operator sets, or the input of newer ones. */
function listOf(node: NodeProto, attribute: string, input: ShapeValue | undefined): Numbers | undefined {
  return intListOf(node, attribute) ?? input?.numbers;
}

function unknownDims(count: number | undefined): Dims | undefined {
  return count === undefined || count > mostDimensions ? undefined : Array.from({ length: count }, () => undefined);
}

/** The dims that a shape vector stands for; only their number where the vector itself is not known. */
function dimsFrom(shape: ShapeValue | undefined): Dims | undefined {
  return shape?.numbers ?? unknownDims(shape?.dims?.[0]);
}

function arithmetic(apply: (a: number, b: number) => number): ShapeRule {
  return (_node, [a, b]) => {
    const dims = broadcast([a?.dims, b?.dims]);
    const type = a?.type ?? b?.type;
    if (a?.numbers === undefined || b?.numbers === undefined) return [{ type, dims }];
    const { numbers: left } = a;
    const { numbers: right } = b;
    const length = Math.max(left.length, right.length);
    const numbers = Array.from({ length }, (_, i) => {
      const x = left[left.length === 1 ? 0 : i];
      const y = right[right.length === 1 ? 0 : i];
      return x === undefined || y === undefined ? undefined : apply(x, y);
    });
    return [{ type, dims, numbers }];
  };
}

function concat(node: NodeProto, inputs: RuleInputs): readonly (ShapeValue | undefined)[] {
  const [first] = inputs;
  if (first?.dims === undefined) return [undefined];
  const axis = axisOf(intOf(node, "axis", 0), first.dims.length);
  const sizes = inputs.map((input) => input?.dims?.[axis]);
  const dims = first.dims.map((size, i) => {
    if (i === axis)
      return sizes.reduce((sum, one) => (sum === undefined || one === undefined ? undefined : sum + one), 0);
    return size ?? inputs.find((input) => input?.dims?.[i] !== undefined)?.dims?.[i];
  });
  const known = first.dims.length === 1 && inputs.every((input) => input?.numbers !== undefined);
  return [{ type: first.type, dims, ...(known ? { numbers: inputs.flatMap((input) => input?.numbers ?? []) } : {}) }];
}

/** 0 keeps the size, -1 takes what is left over. */
function reshape(node: NodeProto, [x, shape]: RuleInputs): readonly (ShapeValue | undefined)[] {
  const asked = listOf(node, "shape", shape);
  if (asked === undefined) return [{ type: x?.type, dims: unknownDims(shape?.dims?.[0]) }];
  const zeroIsZero = intOf(node, "allowzero", 0) === 1;
  const sizes = asked.map((size, i) => (size === 0 && !zeroIsZero ? x?.dims?.[i] : size));
  const total = x?.dims === undefined ? undefined : product(x.dims);
  const others = product(sizes.filter((size) => size !== -1));
  const rest = total === undefined || others === undefined || others === 0 ? undefined : total / others;
  return [{ type: x?.type, dims: sizes.map((size) => (size === -1 ? rest : size)), numbers: x?.numbers }];
}

function squeeze(node: NodeProto, [x, axesInput]: RuleInputs): readonly (ShapeValue | undefined)[] {
  if (x?.dims === undefined) return [undefined];
  const { dims, type, numbers } = x;
  const axes = listOf(node, "axes", axesInput);
  if (axes === undefined && axesInput !== undefined) return [{ type, dims: undefined }];
  const gone = new Set(
    (axes ?? [...dims.keys()].filter((i) => dims[i] === 1)).map((axis) => axisOf(axis ?? 0, dims.length)),
  );
  return [{ type, dims: dims.filter((_size, i) => !gone.has(i)), numbers }];
}

function unsqueeze(node: NodeProto, [x, axesInput]: RuleInputs): readonly (ShapeValue | undefined)[] {
  const axes = listOf(node, "axes", axesInput);
  if (x?.dims === undefined || axes === undefined) return [undefined];
  const rank = x.dims.length + axes.length;
  const added = new Set(axes.map((axis) => axisOf(axis ?? 0, rank)));
  const rest = [...x.dims];
  return [
    {
      type: x.type,
      dims: Array.from({ length: rank }, (_, i) => (added.has(i) ? 1 : rest.shift())),
      numbers: x.numbers,
    },
  ];
}

function gather(node: NodeProto, [x, indices]: RuleInputs): readonly (ShapeValue | undefined)[] {
  if (x?.dims === undefined || indices?.dims === undefined) return [undefined];
  const axis = axisOf(intOf(node, "axis", 0), x.dims.length);
  const dims = [...x.dims.slice(0, axis), ...indices.dims, ...x.dims.slice(axis + 1)];
  const { numbers } = x;
  if (numbers === undefined || indices.numbers === undefined) return [{ type: x.type, dims }];
  return [
    { type: x.type, dims, numbers: indices.numbers.map((at) => (at === undefined ? undefined : numbers.at(at))) },
  ];
}

function slice(node: NodeProto, inputs: RuleInputs): readonly (ShapeValue | undefined)[] {
  const [x] = inputs;
  if (x?.dims === undefined) return [undefined];
  const starts = listOf(node, "starts", inputs[1]);
  const ends = listOf(node, "ends", inputs[2]);
  const axes = listOf(node, "axes", inputs[3]) ?? (inputs[3] === undefined ? starts?.map((_start, i) => i) : undefined);
  const steps = inputs[4]?.numbers ?? (inputs[4] === undefined ? starts?.map(() => 1) : undefined);
  if (starts === undefined || ends === undefined || axes === undefined || steps === undefined)
    return [{ type: x.type, dims: unknownDims(x.dims.length) }];
  const dims = [...x.dims];
  let { numbers } = x;
  for (const [i, axisGiven] of axes.entries()) {
    const axis = axisOf(axisGiven ?? 0, dims.length);
    const size = dims[axis];
    const [start, end, step] = [starts[i], ends[i], steps[i]];
    if (size === undefined || start === undefined || end === undefined || step === undefined || step === 0) {
      dims[axis] = undefined;
      numbers = undefined;
      continue;
    }
    const positions = slicePositions(size, start, end, step);
    dims[axis] = positions.count;
    const before = numbers;
    numbers = before && Array.from({ length: positions.count }, (_, k) => before[positions.first + k * step]);
  }
  return [{ type: x.type, dims, numbers }];
}

/** NumPy's slicing: negative positions count from the end, what lies outside is cut. */
function slicePositions(size: number, start: number, end: number, step: number): { first: number; count: number } {
  const cut = (at: number, low: number, high: number): number => Math.min(Math.max(at < 0 ? at + size : at, low), high);
  const first = step > 0 ? cut(start, 0, size) : cut(start, -1, size - 1);
  const last = step > 0 ? cut(end, 0, size) : end < -size ? -1 : cut(end, -1, size - 1);
  return { first, count: Math.max(0, Math.ceil((last - first) / step)) };
}

function split(node: NodeProto, [x, sizesInput]: RuleInputs): readonly (ShapeValue | undefined)[] {
  if (x?.dims === undefined) return node.output.map(() => undefined);
  const axis = axisOf(intOf(node, "axis", 0), x.dims.length);
  const size = x.dims[axis];
  const part = size === undefined ? undefined : Math.ceil(size / node.output.length);
  const even = sizesInput === undefined && size !== undefined && part !== undefined;
  const parts =
    listOf(node, "split", sizesInput) ??
    node.output.map((_output, i) => (even ? Math.min(part, size - part * i) : undefined));
  const { type, dims } = x;
  return node.output.map((_output, k) => ({ type, dims: dims.map((one, i) => (i === axis ? parts[k] : one)) }));
}

function pad(node: NodeProto, [x, padsInput]: RuleInputs): readonly (ShapeValue | undefined)[] {
  const pads = intListOf(node, "pads") ?? intListOf(node, "paddings") ?? padsInput?.numbers;
  if (x?.dims === undefined) return [undefined];
  const { dims } = x;
  return [
    {
      type: x.type,
      dims: dims.map((size, i) => {
        const [before, after] = [pads?.[i], pads?.[i + dims.length]];
        return size === undefined || before === undefined || after === undefined ? undefined : size + before + after;
      }),
    },
  ];
}

function scaled(x: ShapeValue | undefined, scales: Numbers | undefined): ShapeValue {
  const dims = x?.dims?.map((size, i) => {
    const scale = scales?.[i];
    return size === undefined || scale === undefined ? undefined : Math.floor(size * scale);
  });
  return { type: x?.type, dims };
}

/** Resize(X, scales) in operator set 10, (X, roi, scales, sizes) since; an empty scales stands for none. */
const resize: ShapeRule = (_node, inputs) => {
  const [x, second, scales, sizes] = inputs;
  if (sizes?.numbers !== undefined) return [{ type: x?.type, dims: sizes.numbers }];
  return [scaled(x, inputs.length === 2 ? second?.numbers : scales?.numbers)];
};

/** Upsample: the scales are an attribute in operator set 7, an input since. */
const upsample: ShapeRule = (node, [x, scales]) => [scaled(x, floatListOf(node, "scales") ?? scales?.numbers)];

const expand: ShapeRule = (_node, [x, shape]) => [{ type: x?.type, dims: broadcast([x?.dims, dimsFrom(shape)]) }];

const tile: ShapeRule = (_node, [x, repeats]) => [
  {
    type: x?.type,
    dims: x?.dims?.map((size, i) => {
      const times = repeats?.numbers?.[i];
      return size === undefined || times === undefined ? undefined : size * times;
    }),
  },
];

const range: ShapeRule = (_node, [start, limit, delta]) => {
  const [from, to, by] = [start?.numbers?.[0], limit?.numbers?.[0], delta?.numbers?.[0]];
  const known = from !== undefined && to !== undefined && by !== undefined && by !== 0;
  return [{ type: start?.type, dims: [known ? Math.max(0, Math.ceil((to - from) / by)) : undefined] }];
};

const constantOfShape: ShapeRule = (node, [shape]) => {
  const value = tensorOf(node, "value");
  return [{ type: value === undefined ? "float32" : dataTypeName(value.dataType), dims: dimsFrom(shape) }];
};

const shapeOf: ShapeRule = (node, [x]) => {
  const dims = x?.dims?.slice(intOf(node, "start", 0), intOf(node, "end", Number.MAX_SAFE_INTEGER));
  return [dims === undefined ? { type: "int64", dims: [undefined] } : integers(dims)];
};

const sizeOf: ShapeRule = (_node, [x]) => [integers([x?.dims === undefined ? undefined : product(x.dims)], true)];

const oneHot: ShapeRule = (node, [indices, depth, values]) => {
  if (indices?.dims === undefined) return [undefined];
  const axis = axisOf(intOf(node, "axis", -1), indices.dims.length + 1);
  return [{ type: values?.type, dims: indices.dims.toSpliced(axis, 0, depth?.numbers?.[0]) }];
};

const identity: ShapeRule = (_node, [x]) => [x];

/** Operators that compute the shapes of others, or take a shape as an input. */
export const integerRules: Readonly<Record<string, ShapeRule>> = {
  Add: arithmetic((a, b) => a + b),
  Sub: arithmetic((a, b) => a - b),
  Mul: arithmetic((a, b) => a * b),
  Div: arithmetic((a, b) => Math.trunc(a / b)),
  Concat: concat,
  ConstantOfShape: constantOfShape,
  Expand: expand,
  Gather: gather,
  Identity: identity,
  OneHot: oneHot,
  Pad: pad,
  Range: range,
  Reshape: reshape,
  Resize: resize,
  Shape: shapeOf,
  Size: sizeOf,
  Slice: slice,
  Split: split,
  Squeeze: squeeze,
  Tile: tile,
  Unsqueeze: unsqueeze,
  Upsample: upsample,
};
