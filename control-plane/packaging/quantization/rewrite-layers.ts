import { subgraphsOf } from "../onnx/graph/attributes.ts";
import { FreshNames } from "../onnx/graph/fresh-names.ts";
import { hoistConstants, withoutInputsForInitializers } from "../onnx/graph/hoist-constants.ts";
import { pruneUnused } from "../onnx/graph/prune-unused.ts";
import type { AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto } from "../onnx/model.ts";
import { exposeWeights, functionNotes } from "./expose-weights.ts";
import type { Use } from "../onnx/graph/uses-of.ts";
import type { Layer, LayerChoice } from "./plan-layers.ts";
import { planLayers } from "./plan-layers.ts";
import type { QuantizedModel } from "./quantization.ts";
import { ReportParts } from "./report-parts.ts";
import { isWeight } from "./weight-role.ts";

export interface LayerScope {
  readonly names: FreshNames;
  /** The names of what `make` makes out of the layer's weight; it stands beside the weight and is made once for all layers that share it. */
  readonly fromWeight: (layer: Layer, make: () => readonly TensorProto[]) => readonly string[];
  /** The names of what the nodes of `make` compute from an activation; the nodes stand before the first layer that reads it. */
  readonly fromActivation: (activation: string, make: () => NodeProto) => readonly string[];
}

/** The rules of one method. */
export interface LayerRule extends LayerChoice {
  readonly rewrite: (layer: Layer, scope: LayerScope) => readonly NodeProto[];
}

/** Rewrites the layers that planLayers finds; no other node changes, and float weights that nobody reads any more go. */
export function rewriteLayers(model: ModelProto, exclude: readonly string[], rule: LayerRule): QuantizedModel {
  const parts = new ReportParts();
  for (const text of functionNotes(model)) parts.note(text);
  const hoisted = hoistConstants(model);
  if (hoisted.count > 0) parts.note(`${hoisted.count} Constant nodes became initializers`);
  const initialized = withoutInputsForInitializers(hoisted.model);
  if (initialized.graph === undefined) return { model: initialized, report: parts.report() };
  const exposed = exposeWeights(initialized.graph, isLayerWeight);
  if (exposed.count > 0) parts.note(`weights that are now stored as they are used: ${exposed.count}`);
  const prepared = { ...initialized, graph: exposed.graph };
  const planned = planLayers(prepared.graph, new Set(exclude), rule, parts);
  const graph = new LayerRewrite(new FreshNames(prepared), planned, rule, parts).graph(prepared.graph);
  return { model: pruneUnused({ ...prepared, graph }), report: parts.report() };
}

/** Layers are matrices; the weights of convolutions stay as they are. */
function isLayerWeight(reader: Use, rank: number): boolean {
  return isWeight(reader, rank) && !["Conv", "ConvTranspose"].includes(reader.node?.opType ?? "") && rank <= 3;
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
