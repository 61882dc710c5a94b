import { intListOf, intOf } from "../onnx/graph/attributes.ts";
import { dimsOf, floatsOf, isExternal, isFloat, sizeOf } from "../onnx/graph/floats-of.ts";
import { intsOf } from "../onnx/graph/ints-of.ts";
import { domainName } from "../onnx/graph/opsets.ts";
import { removeIdentities } from "../onnx/graph/remove-identities.ts";
import type { Use } from "../onnx/graph/uses-of.ts";
import { usesOf } from "../onnx/graph/uses-of.ts";
import type { GraphProto, ModelProto, NodeProto, TensorProto } from "../onnx/model.ts";
import { dataTypeCode, rawTensor } from "../onnx/tensor.ts";
import { float32sOf } from "./float16.ts";
import { plainGemms } from "./plain-gemms.ts";

/** Whether weights of so many dimensions are wanted at this place: others would only become larger (16-bit floats twice as large). */
export type WantedWeight = (reader: Use, rank: number) => boolean;

/** Shorter constants are shapes, scales and the like. */
const fewestDimensions = 2;

/**
 * Brings weights to where those that multiply by them read them: through Identity (torch writes it for weights that are equal), Transpose,
 * Reshape, Cast from a 16-bit float, and the alpha and beta of a Gemm. onnxruntime does the same when it loads a model; a quantizer that
 * did not would find no weight there. A weight that others read as well is only looked through, not turned: the file would hold it twice.
 */
export function exposeWeights(
  graph: GraphProto,
  isWanted: WantedWeight,
): { readonly graph: GraphProto; readonly count: number } {
  const tensors = new Set(graph.initializer.map(({ name }) => name ?? ""));
  const { graph: direct, count } = removeIdentities(graph, (source) => tensors.has(source));
  const turned = turnConstants(direct, isWanted);
  return { graph: plainGemms(turned.graph), count: count + turned.count };
}

/** What is said of a model with functions of its own: their weights are found where they are handed in, their nodes are not. */
export function functionNotes({ functions, graph }: ModelProto): readonly string[] {
  const names = new Set(functions.map(({ domain, name }) => `${domainName(domain)}:${name ?? ""}`));
  const calls = (graph?.node ?? []).filter(({ domain, opType }) => names.has(`${domainName(domain)}:${opType ?? ""}`));
  if (calls.length === 0) return [];
  return [
    `${calls.length} nodes call functions that the model defines, and stay as they are: write the functions' nodes into the graph first (onnx.inliner.inline_local_functions)`,
  ];
}

function turnConstants(
  graph: GraphProto,
  isWanted: WantedWeight,
): { readonly graph: GraphProto; readonly count: number } {
  const inputs = new Set(graph.input.map((input) => input.name));
  const constants = new Map(
    graph.initializer.filter(({ name }) => !inputs.has(name)).map((tensor) => [tensor.name ?? "", tensor]),
  );
  const uses = usesOf(graph);
  const outputs = new Set(graph.output.map((output) => output.name));
  const gone = new Set<NodeProto>();
  for (const node of graph.node) {
    const [from = ""] = node.input;
    const [to = ""] = node.output;
    const source = constants.get(from);
    if (source === undefined || uses.get(from)?.length !== 1 || outputs.has(to)) continue;
    const reader = lastReader(to, uses);
    const made = domainName(node.domain) === "" ? turned(node, source, constants) : undefined;
    if (made === undefined || reader === undefined || !isWanted(reader, made.dims.length)) continue;
    gone.add(node);
    // The weight keeps its place and its name: the next version of the model has it there too.
    constants.delete(from);
    constants.set(to, made);
  }
  if (gone.size === 0) return { graph, count: 0 };
  const known = new Set(graph.initializer.map(({ name }) => name ?? ""));
  const added = [...constants.values()].filter(({ name }) => !known.has(name ?? ""));
  const kept = graph.initializer.filter(({ name }) => inputs.has(name) || constants.has(name ?? ""));
  return {
    graph: { ...graph, node: graph.node.filter((node) => !gone.has(node)), initializer: [...kept, ...added] },
    count: gone.size,
  };
}

/** Who reads the value in the end, behind nodes that only turn it; undefined where there are several. */
function lastReader(value: string, uses: ReadonlyMap<string, readonly Use[]>): Use | undefined {
  const [use, ...others] = uses.get(value) ?? [];
  if (use === undefined || others.length > 0 || use.depth > 0) return undefined;
  const { node, slot } = use;
  if (node === undefined || slot !== 0 || !["Cast", "Transpose", "Reshape"].includes(node.opType ?? "")) return use;
  return lastReader(node.output[0] ?? "", uses);
}

/** What the node makes of the constant; undefined for other operators and types. */
function turned(
  node: NodeProto,
  source: TensorProto,
  constants: ReadonlyMap<string, TensorProto>,
): TensorProto | undefined {
  const name = node.output[0] ?? "";
  if (source.dims.length < fewestDimensions && node.opType !== "Reshape") return undefined;
  switch (node.opType ?? "") {
    case "Cast": {
      const values = intOf(node, "to", 0) === dataTypeCode("float32") ? widened(source) : undefined;
      return values === undefined ? undefined : rawTensor(name, dimsOf(source), "float32", values);
    }
    case "Transpose":
      return isFloat(source) ? transposed(name, source, intListOf(node, "perm")) : undefined;
    case "Reshape": {
      const shape = constants.get(node.input[1] ?? "");
      if (!isFloat(source) || shape === undefined || isExternal(shape)) return undefined;
      const dims = reshaped(dimsOf(source), intsOf(shape), intOf(node, "allowzero", 0) === 1);
      return dims === undefined ? undefined : rawTensor(name, dims, "float32", floatsOf(source));
    }
    default:
      return undefined;
  }
}

/** The values of a tensor of 16-bit floats as float32: exact. */
function widened(tensor: TensorProto): Float32Array | undefined {
  const isBrain = tensor.dataType === dataTypeCode("bfloat16");
  if (isExternal(tensor) || (!isBrain && tensor.dataType !== dataTypeCode("float16"))) return undefined;
  const { rawData } = tensor;
  const bits =
    rawData === undefined ? Uint16Array.from(tensor.int32Data) : new Uint16Array(new Uint8Array(rawData).buffer);
  if (bits.length !== sizeOf(tensor)) return undefined;
  // A bfloat16 is the upper half of a float32.
  return isBrain ? new Float32Array(Uint32Array.from(bits, (half) => half << 16).buffer) : float32sOf(bits);
}

function transposed(name: string, source: TensorProto, perm: readonly number[] | undefined): TensorProto | undefined {
  const dims = dimsOf(source);
  const order = perm === undefined || perm.length === 0 ? dims.map((_, axis) => dims.length - 1 - axis) : perm;
  if (order.length !== dims.length || new Set(order).size !== dims.length) return undefined;
  const target = order.map((axis) => dims[axis]);
  if (target.some((dim) => dim === undefined)) return undefined;
  const values = floatsOf(source);
  const turnedValues = new Float32Array(values.length);
  /** How far apart neighbours along each dimension of the result lie in the source. */
  const strides = order.map((axis) => dims.slice(axis + 1).reduce((all, dim) => all * dim, 1));
  const position = order.map(() => 0);
  let from = 0;
  for (let to = 0; to < values.length; to++) {
    turnedValues[to] = values[from] as number;
    for (let axis = order.length - 1; axis >= 0; axis--) {
      from += strides[axis] as number;
      position[axis] = (position[axis] as number) + 1;
      if ((position[axis] as number) < (target[axis] as number)) break;
      from -= (target[axis] as number) * (strides[axis] as number);
      position[axis] = 0;
    }
  }
  return rawTensor(name, target as readonly number[], "float32", turnedValues);
}

/** ONNX Reshape: 0 keeps a dimension, −1 takes what is left. */
function reshaped(
  dims: readonly number[],
  shape: readonly number[],
  allowsZero: boolean,
): readonly number[] | undefined {
  const count = dims.reduce((all, dim) => all * dim, 1);
  const known = shape.map((size, axis) => (size === 0 && !allowsZero ? (dims[axis] ?? -2) : size));
  const rest = known.filter((size) => size !== -1).reduce((all, dim) => all * dim, 1);
  const result = known.map((size) => (size === -1 ? count / rest : size));
  const isPossible = result.every((size) => Number.isInteger(size) && size >= 0);
  return isPossible && result.reduce((all, dim) => all * dim, 1) === count ? result : undefined;
}
