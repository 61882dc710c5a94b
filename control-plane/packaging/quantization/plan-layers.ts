import { floatOf, intOf, subgraphsOf } from "../onnx/graph/attributes.ts";
import { dimsOf, isFloat, sizeOf } from "../onnx/graph/floats-of.ts";
import { nodeKey } from "../onnx/graph/node-key.ts";
import { domainName } from "../onnx/graph/opsets.ts";
import { definedIn, usesOf } from "../onnx/graph/uses-of.ts";
import type { GraphProto, NodeProto, TensorProto } from "../onnx/model.ts";
import type { ReportParts } from "./report-parts.ts";

/** A fully connected layer: a MatMul, or a Gemm without alpha, beta and transA, by a float32 initializer of two dimensions. */
export interface Layer {
  readonly node: NodeProto;
  /** Names: what is multiplied, what is added (a Gemm may have a bias), and the result. */
  readonly activation: string;
  readonly bias: string | undefined;
  readonly output: string;
  readonly weight: TensorProto;
  /** The weight is [N, K] instead of [K, N]. */
  readonly isTransposed: boolean;
  readonly rows: number;
  readonly columns: number;
}

/** Which of the layers a method takes. */
export interface LayerChoice {
  /** Why a layer that could be rewritten is left alone; undefined where it is not. */
  readonly refuse: (layer: Layer) => string | undefined;
  /** What the report says of operators with weights that are no such layers, by operator. */
  readonly otherOperators: ReadonlyMap<string, string>;
}

/**
 * The layers to rewrite, by node, in the graph and in the bodies of its If, Loop and Scan nodes, whose weights may stand further out.
 * The reasons of those that are left alone go into the report.
 *
 * A weight that others read too is taken only if each of them can do without the float32 tensor; otherwise the file would hold both
 * and grow.
 */
export function planLayers(
  graph: GraphProto,
  excluded: ReadonlySet<string>,
  choice: LayerChoice,
  parts: ReportParts,
): ReadonlyMap<NodeProto, Layer> {
  return new LayerPlan(graph, excluded, choice, parts).layers;
}

/** What a graph defines. */
interface Scope {
  readonly defined: ReadonlySet<string>;
  readonly constants: ReadonlyMap<string, TensorProto>;
}

/** Where a name is looked up, the nearest scope first. */
type Scopes = readonly Scope[];

/** See planLayers. */
class LayerPlan {
  readonly layers = new Map<NodeProto, Layer>();
  readonly #excluded: ReadonlySet<string>;
  readonly #choice: LayerChoice;
  readonly #parts: ReportParts;

  constructor(graph: GraphProto, excluded: ReadonlySet<string>, choice: LayerChoice, parts: ReportParts) {
    this.#excluded = excluded;
    this.#choice = choice;
    this.#parts = parts;
    this.#graph(graph, []);
    this.#dropSharedWeights(graph);
  }

  #graph(graph: GraphProto, around: Scopes): void {
    const constants = new Map(graph.initializer.map((tensor) => [tensor.name ?? "", tensor]));
    const scopes = [{ defined: definedIn(graph), constants }, ...around];
    for (const node of graph.node) {
      for (const body of subgraphsOf(node)) this.#graph(body, scopes);
      if (domainName(node.domain) === "") this.#node(node, scopes);
    }
  }

  #node(node: NodeProto, scopes: Scopes): void {
    const operator = node.opType ?? "";
    const other = this.#choice.otherOperators.get(operator);
    if (other !== undefined) this.#parts.kept(node, other);
    if (operator !== "MatMul" && operator !== "Gemm") return;
    const layer = layerOf(node, scopes);
    if (typeof layer === "string") {
      this.#parts.kept(node, layer);
      return;
    }
    const refused = this.#excluded.has(nodeKey(node)) ? "excluded" : this.#choice.refuse(layer);
    if (refused === undefined) this.layers.set(node, layer);
    else this.#parts.kept(node, refused);
  }

  #dropSharedWeights(graph: GraphProto): void {
    for (const [name, uses] of usesOf(graph)) {
      const layers = uses.flatMap(({ node }) =>
        node !== undefined && this.layers.get(node)?.weight.name === name ? [node] : [],
      );
      const other = uses.find(({ node, slot }) => node === undefined || slot !== 1 || !this.layers.has(node));
      if (other !== undefined)
        for (const node of layers) {
          this.layers.delete(node);
          const reader = other.node === undefined ? "is an output of the graph" : `is read by "${nodeKey(other.node)}"`;
          this.#parts.kept(node, `its weight "${name}" ${reader} too, which needs it in float32`);
        }
    }
    for (const node of graph.node) for (const body of subgraphsOf(node)) this.#dropSharedWeights(body);
  }
}

/** The layer that a MatMul or Gemm is, or why it is none. */
function layerOf(node: NodeProto, scopes: Scopes): Layer | string {
  const [activation = "", factor = "", bias = ""] = node.input;
  const weight = constantNamed(factor, scopes);
  if (weight === undefined)
    return constantNamed(activation, scopes) === undefined
      ? "both of its factors are computed: there is no weight"
      : "its weight is the first factor";
  if (!isFloat(weight)) return "its weight is not float32";
  if (weight.dims.length !== 2) return `its weight has ${weight.dims.length} dimensions`;
  if (sizeOf(weight) === 0) return "its weight is empty";
  const isGemm = node.opType === "Gemm";
  if (isGemm && (floatOf(node, "alpha", 1) !== 1 || floatOf(node, "beta", 1) !== 1 || intOf(node, "transA", 0) !== 0))
    return "it is a Gemm with alpha, beta or transA";
  const isTransposed = isGemm && intOf(node, "transB", 0) !== 0;
  const [first, second] = dimsOf(weight) as [number, number];
  return {
    node,
    activation,
    bias: bias === "" ? undefined : bias,
    output: node.output[0] ?? "",
    weight,
    isTransposed,
    rows: isTransposed ? second : first,
    columns: isTransposed ? first : second,
  };
}

function constantNamed(name: string, scopes: Scopes): TensorProto | undefined {
  return scopes.find((scope) => scope.defined.has(name))?.constants.get(name);
}
