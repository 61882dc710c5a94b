import { floatOf, intOf, subgraphsOf } from "../onnx/graph/attributes.ts";
import { dimsOf, isFloat, sizeOf } from "../onnx/graph/floats-of.ts";
import { FreshNames } from "../onnx/graph/fresh-names.ts";
import { hoistConstants, withoutInputsForInitializers } from "../onnx/graph/hoist-constants.ts";
import { nodeKey } from "../onnx/graph/node-key.ts";
import { domainName } from "../onnx/graph/opsets.ts";
import { pruneUnused } from "../onnx/graph/prune-unused.ts";
import { definedIn, usesOf } from "../onnx/graph/uses-of.ts";
import type { AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto } from "../onnx/model.ts";
import type { QuantizedModel } from "./quantization.ts";
import { ReportParts } from "./report-parts.ts";

/**
 * Rewrites the fully connected layers of a model: MatMul, and Gemm without alpha, beta and transA, whose second factor is a float32
 * initializer of two dimensions, in the graph itself or in the body of an If, Loop or Scan (whose weights may stand further out).
 *
 * A weight that others read too is rewritten only if each of them can do without the float32 tensor; otherwise the file would hold
 * both and grow.
 */
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

export interface LayerScope {
  readonly names: FreshNames;
  /** The names of what `make` makes out of the layer's weight; it stands beside the weight and is made once for all layers that share it. */
  readonly fromWeight: (layer: Layer, make: () => readonly TensorProto[]) => readonly string[];
  /** The names of what the nodes of `make` compute from an activation; the nodes stand before the first layer that reads it. */
  readonly fromActivation: (activation: string, make: () => NodeProto) => readonly string[];
}

/** The rules of one method. */
export interface LayerRule {
  /** Why a layer that could be rewritten is left alone; undefined where it is not. */
  readonly refuse: (layer: Layer) => string | undefined;
  readonly rewrite: (layer: Layer, scope: LayerScope) => readonly NodeProto[];
  /** What the report says of operators with weights that are no such layers, by operator. */
  readonly otherOperators: ReadonlyMap<string, string>;
}

export function rewriteLayers(model: ModelProto, exclude: readonly string[], rule: LayerRule): QuantizedModel {
  const parts = new ReportParts();
  const hoisted = hoistConstants(model);
  if (hoisted.count > 0) parts.note(`${hoisted.count} Constant nodes became initializers`);
  const prepared = withoutInputsForInitializers(hoisted.model);
  if (prepared.graph === undefined) return { model: prepared, report: parts.report() };
  const planned = new LayerPlan(prepared.graph, new Set(exclude), rule, parts).layers;
  const graph = new LayerRewrite(new FreshNames(prepared), planned, rule, parts).graph(prepared.graph);
  return { model: pruneUnused({ ...prepared, graph }), report: parts.report() };
}

/** The graphs in which a name is looked up, the nearest first. */
type Scopes = readonly GraphProto[];

/** Which nodes are rewritten. */
class LayerPlan {
  readonly layers = new Map<NodeProto, Layer>();
  readonly #excluded: ReadonlySet<string>;
  readonly #rule: LayerRule;
  readonly #parts: ReportParts;

  constructor(graph: GraphProto, excluded: ReadonlySet<string>, rule: LayerRule, parts: ReportParts) {
    this.#excluded = excluded;
    this.#rule = rule;
    this.#parts = parts;
    this.#graph(graph, []);
    this.#dropSharedWeights(graph);
  }

  #graph(graph: GraphProto, around: Scopes): void {
    const scopes = [graph, ...around];
    for (const node of graph.node) {
      for (const body of subgraphsOf(node)) this.#graph(body, scopes);
      if (domainName(node.domain) === "") this.#node(node, scopes);
    }
  }

  #node(node: NodeProto, scopes: Scopes): void {
    const operator = node.opType ?? "";
    const other = this.#rule.otherOperators.get(operator);
    if (other !== undefined) this.#parts.kept(node, other);
    if (operator !== "MatMul" && operator !== "Gemm") return;
    const layer = layerOf(node, scopes);
    const reason =
      typeof layer === "string" ? layer : this.#excluded.has(nodeKey(node)) ? "excluded" : this.#rule.refuse(layer);
    if (typeof layer === "string" || reason !== undefined) this.#parts.kept(node, reason as string);
    else this.layers.set(node, layer);
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
  const home = name === "" ? undefined : scopes.find((graph) => definedIn(graph).has(name));
  return home?.initializer.find((tensor) => tensor.name === name);
}

class LayerRewrite {
  readonly #names: FreshNames;
  readonly #layers: ReadonlyMap<NodeProto, Layer>;
  readonly #rule: LayerRule;
  readonly #parts: ReportParts;
  /** What was made of each weight, by the weight itself and the way in which it lies. */
  readonly #made = new Map<TensorProto, Map<boolean, readonly TensorProto[]>>();

  constructor(names: FreshNames, layers: ReadonlyMap<NodeProto, Layer>, rule: LayerRule, parts: ReportParts) {
    this.#names = names;
    this.#layers = layers;
    this.#rule = rule;
    this.#parts = parts;
  }

  graph(graph: GraphProto): GraphProto {
    const fromActivations = new Map<string, readonly string[]>();
    const nodes: NodeProto[] = [];
    const scope: LayerScope = {
      names: this.#names,
      fromWeight: (layer, make) => this.#fromWeight(layer, make),
      fromActivation: (activation, make) => {
        const known = fromActivations.get(activation);
        if (known !== undefined) return known;
        const made = make();
        nodes.push(made);
        fromActivations.set(activation, made.output);
        return made.output;
      },
    };
    for (const node of graph.node) {
      const layer = this.#layers.get(node);
      if (layer === undefined) nodes.push(this.#bodies(node));
      else {
        this.#parts.quantized(node, layer.weight.name ?? "");
        nodes.push(...this.#rule.rewrite(layer, scope));
      }
    }
    // After the nodes: those in bodies may have made something of the weights of this graph.
    const initializer = graph.initializer.flatMap((tensor) => [
      tensor,
      ...[...(this.#made.get(tensor)?.values() ?? [])].flat(),
    ]);
    return { ...graph, node: nodes, initializer };
  }

  #bodies(node: NodeProto): NodeProto {
    if (subgraphsOf(node).length === 0) return node;
    const attribute = node.attribute.map((one): AttributeProto => ({
      ...one,
      graphs: one.graphs.map((body) => this.graph(body)),
      ...(one.g === undefined ? {} : { g: this.graph(one.g) }),
    }));
    return { ...node, attribute };
  }

  #fromWeight({ weight, isTransposed }: Layer, make: () => readonly TensorProto[]): readonly string[] {
    const ways = this.#made.get(weight) ?? new Map<boolean, readonly TensorProto[]>();
    const made = ways.get(isTransposed) ?? make();
    this.#made.set(weight, ways.set(isTransposed, made));
    return made.map((tensor) => tensor.name ?? "");
  }
}
