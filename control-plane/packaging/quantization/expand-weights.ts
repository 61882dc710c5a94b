import { dimsOf, floatsOf, isExternal, sizeOf } from "../onnx/graph/floats-of.ts";
import { foldAffine } from "../onnx/graph/fold-affine.ts";
import { FreshNames } from "../onnx/graph/fresh-names.ts";
import { hoistConstants, withoutInputsForInitializers } from "../onnx/graph/hoist-constants.ts";
import { mapGraphs } from "../onnx/graph/map-graphs.ts";
import { nodeKey } from "../onnx/graph/node-key.ts";
import { defaultOpset } from "../onnx/graph/opsets.ts";
import { pruneUnused } from "../onnx/graph/prune-unused.ts";
import type { Use } from "../onnx/graph/uses-of.ts";
import { usesOf } from "../onnx/graph/uses-of.ts";
import type { GraphProto, ModelProto, NodeProto, TensorProto } from "../onnx/model.ts";
import { dataTypeCode } from "../onnx/tensor.ts";
import type { QuantizedModel } from "./quantization.ts";
import { QuantizationError } from "./quantization.ts";
import { exposeWeights } from "./expose-weights.ts";
import { ReportParts } from "./report-parts.ts";
import { isWeight, weightRole } from "./weight-role.ts";

/** Below, names and scales take what the smaller numbers give. */
const fewestElements = 256;

/** From this version on Cast names its type by a number and Mul broadcasts. */
const oldestOpset = 7;

/** A float32 initializer and the nodes that read it, in whichever scope. */
export interface FoundWeight {
  readonly name: string;
  /** At least two. */
  readonly dims: readonly number[];
  readonly values: Float32Array;
  readonly readers: readonly Reader[];
}

export interface Reader {
  readonly node: NodeProto;
  readonly slot: number;
}

/** How a weight is stored, and the nodes that make the float32 tensor of its old name from that; or why it stays as it is. */
export type StoredWeight =
  | { readonly kind: "smaller"; readonly initializers: readonly TensorProto[]; readonly nodes: readonly NodeProto[] }
  | { readonly kind: "kept"; readonly reason: string };

export interface ExpandRule {
  readonly store: (weight: FoundWeight, names: FreshNames) => StoredWeight;
  /**
   * Normalization is folded into the convolution before it, as onnxruntime does when it loads a model: the numbers of a normalization
   * are a tenth of a small network, and stay float32. Only for a type with scales: a channel that becomes tiny must not lose bits.
   */
  readonly fold: boolean;
}

/**
 * The model with its weights stored in a smaller type and expanded by nodes at the beginning of their graph. Those nodes have only
 * constants for inputs, so onnxruntime computes them once, when it loads the model, and runs the float model from then on.
 *
 * Looked at are float32 initializers (and Constant nodes, hoisted) with two or more dimensions, in every scope. Whoever read a weight
 * reads the value of the same name; no other node changes.
 */
export function expandWeights(model: ModelProto, exclude: readonly string[], rule: ExpandRule): QuantizedModel {
  const opset = defaultOpset(model);
  if (opset < oldestOpset)
    throw new QuantizationError(
      `the model uses version ${opset} of ONNX's operators; smaller weights need version ${oldestOpset}: export it again with a newer one`,
    );
  const parts = new ReportParts();
  const hoisted = hoistConstants(model);
  if (hoisted.count > 0) parts.note(`${hoisted.count} Constant nodes became initializers`);
  const initialized = withoutInputsForInitializers(hoisted.model);
  const exposed = initialized.graph === undefined ? undefined : exposeWeights(initialized.graph, isWeight);
  if (exposed !== undefined && exposed.count > 0)
    parts.note(`weights that are now stored as they are used: ${exposed.count}`);
  const prepared = exposed === undefined ? initialized : { ...initialized, graph: exposed.graph };
  const names = new FreshNames(prepared);
  const folded = rule.fold ? foldedModel(prepared, names, parts) : prepared;
  const excluded = new Set(exclude);
  const expanded = mapGraphs(folded, (graph) =>
    expandedGraph(graph, excluded, parts, (weight) => rule.store(weight, names)),
  );
  return { model: pruneUnused(expanded), report: parts.report() };
}

function foldedModel(model: ModelProto, names: FreshNames, parts: ReportParts): ModelProto {
  if (model.graph === undefined) return model;
  const { graph, count } = foldAffine(model.graph, names);
  if (count > 0)
    parts.note(`${count} nodes that scale or shift channels were folded into the convolutions before them`);
  return count > 0 ? { ...model, graph } : model;
}

function expandedGraph(
  graph: GraphProto,
  excluded: ReadonlySet<string>,
  parts: ReportParts,
  store: (weight: FoundWeight) => StoredWeight,
): GraphProto {
  const uses = usesOf(graph);
  const nodes: NodeProto[] = [];
  const initializer = graph.initializer.flatMap((tensor) => {
    const readBy = uses.get(tensor.name ?? "") ?? [];
    const found = weightOf(tensor, readBy, excluded);
    if (found === undefined) return [tensor];
    const stored = found.kind === "weight" ? store(found.weight) : found;
    const layers = readBy.flatMap((use) => (use.node === undefined ? [] : [use.node]));
    if (stored.kind === "kept") {
      for (const layer of layers) parts.kept(layer, stored.reason);
      return [tensor];
    }
    for (const layer of layers) parts.quantized(layer, tensor.name ?? "");
    nodes.push(...stored.nodes);
    return stored.initializers;
  });
  return nodes.length === 0 ? graph : { ...graph, initializer, node: [...nodes, ...graph.node] };
}

type Finding =
  | { readonly kind: "weight"; readonly weight: FoundWeight }
  | { readonly kind: "kept"; readonly reason: string };

/** Undefined for what is no weight, and not worth a word in the report. */
function weightOf(tensor: TensorProto, readBy: readonly Use[], excluded: ReadonlySet<string>): Finding | undefined {
  if (tensor.dataType !== dataTypeCode("float32") || tensor.dims.length < 2 || readBy.length === 0) return undefined;
  const readers = readBy.flatMap(({ node: reader, slot }) => (reader === undefined ? [] : [{ node: reader, slot }]));
  const count = sizeOf(tensor);
  if (count < fewestElements) {
    const isLayer = readers.some(
      (reader) => weightRole(reader.node, reader.slot, tensor.dims.length).kind === "weight",
    );
    return isLayer ? { kind: "kept", reason: `its weight has fewer than ${fewestElements} elements` } : undefined;
  }
  if (isExternal(tensor)) return { kind: "kept", reason: "the data of its weight lies in another file" };
  if (readers.length < readBy.length) return { kind: "kept", reason: "its weight is an output of the graph too" };
  const byExclusion = readers.find((reader) => excluded.has(nodeKey(reader.node)));
  if (byExclusion !== undefined) {
    const shared = readers.length > 1 ? ` ("${nodeKey(byExclusion.node)}" reads the same weight)` : "";
    return { kind: "kept", reason: `excluded${shared}` };
  }
  return {
    kind: "weight",
    weight: { name: tensor.name ?? "", dims: dimsOf(tensor), values: floatsOf(tensor), readers },
  };
}
