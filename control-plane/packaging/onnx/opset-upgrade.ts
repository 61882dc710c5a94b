import { QuantizationError } from "../quantization/quantization.ts";
import { FreshNames } from "./graph/fresh-names.ts";
import { subgraphsOf } from "./graph/attributes.ts";
import { atLeastIr4, hoistConstants } from "./graph/hoist-constants.ts";
import { allGraphs } from "./graph/map-graphs.ts";
import { nodeKey } from "./graph/node-key.ts";
import { defaultOpset, domainName, withDefaultOpset } from "./graph/opsets.ts";
import { pruneUnused } from "./graph/prune-unused.ts";
import type { AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto } from "./model.ts";
import type { ConversionScope, Converted } from "./opset-conversions.ts";
import { conversions } from "./opset-conversions.ts";
import { stableOperators } from "./opset-stable.ts";
import { dataTypeName } from "./tensor.ts";

/** Before version 7 arithmetic did not broadcast as it does now. After 21 the table of changes ends. */
const oldest = 7;
const newest = 21;

/**
 * The model under version `target` of ONNX's operators, or as it is where it has that or a newer one: each node whose operator changed
 * in between is rewritten so that it computes the same, in subgraphs too. Constant nodes become initializers, because conversions look
 * at values.
 *
 * Throws QuantizationError, naming every node, where an operator changed in a way that cannot be undone or is not in the table:
 * a model is never merely relabelled.
 */
export function upgradeOpset(model: ModelProto, target: number): ModelProto {
  const from = defaultOpset(model);
  if (from >= target || model.graph === undefined) return model;
  if (from < oldest || target > newest)
    throw new QuantizationError(
      `the model uses version ${from} of ONNX's operators; versions ${oldest} to ${newest} can be brought to version ${target}: ` +
        "export it again with a newer version",
    );
  // A function names the version of its own operators, and no initializers can be added to it.
  if (model.functions.length > 0)
    throw new QuantizationError(
      `the model defines functions, which cannot be brought from version ${from} to version ${target} of ONNX's operators: ` +
        "export it without functions",
    );
  const hoisted = atLeastIr4(hoistConstants(model).model);
  const upgrade = new Upgrade(hoisted, from, target);
  const graph = upgrade.graph(hoisted.graph as GraphProto, []);
  if (upgrade.refusals.length > 0)
    throw new QuantizationError(
      `the model cannot be brought from version ${from} to version ${target} of ONNX's operators: ${upgrade.refusals.join("; ")}`,
    );
  return pruneUnused(withDefaultOpset({ ...hoisted, graph }, target));
}

class Upgrade {
  readonly refusals: string[] = [];
  readonly #names: FreshNames;
  readonly #from: number;
  readonly #target: number;
  readonly #isFloat32Only: boolean;

  constructor(model: ModelProto, from: number, target: number) {
    this.#names = new FreshNames(model);
    this.#from = from;
    this.#target = target;
    this.#isFloat32Only = model.graph !== undefined && isFloat32Only(model.graph);
  }

  /** `around` are the graphs that this one lies in, the nearest first: their values are visible here. */
  graph(graph: GraphProto, around: readonly GraphProto[]): GraphProto {
    const visible = [graph, ...around];
    const added: TensorProto[] = [];
    const scope = this.#scope(visible, added);
    const node = graph.node.flatMap((one) => this.#node(this.#bodies(one, visible), scope));
    return { ...graph, node, initializer: [...graph.initializer, ...added] };
  }

  #bodies(node: NodeProto, visible: readonly GraphProto[]): NodeProto {
    if (subgraphsOf(node).length === 0) return node;
    const attribute = node.attribute.map((one): AttributeProto => ({
      ...one,
      graphs: one.graphs.map((body) => this.graph(body, visible)),
      ...(one.g === undefined ? {} : { g: this.graph(one.g, visible) }),
    }));
    return { ...node, attribute };
  }

  #node(node: NodeProto, scope: ConversionScope): readonly NodeProto[] {
    if (domainName(node.domain) !== "") return [node];
    let nodes: readonly NodeProto[] = [node];
    for (let version = this.#from + 1; version <= this.#target; version++)
      nodes = nodes.flatMap((one) => this.#accept(one, convert(one, version, scope)));
    return nodes;
  }

  #accept(node: NodeProto, converted: Converted): readonly NodeProto[] {
    if (!("refused" in converted)) return converted;
    const refusal = `${node.opType ?? ""} "${nodeKey(node)}": ${converted.refused}`;
    if (!this.refusals.includes(refusal)) this.refusals.push(refusal);
    return [node];
  }

  #scope(visible: readonly GraphProto[], added: TensorProto[]): ConversionScope {
    const tensors = visible.map((graph) => new Map(graph.initializer.map((tensor) => [tensor.name ?? "", tensor])));
    const infos = visible.map((graph) => {
      const declared = [...graph.input, ...graph.output, ...graph.valueInfo];
      return new Map(declared.map((value) => [value.name ?? "", value]));
    });
    const replaceable = new Set(visible.flatMap((graph) => graph.input.map((input) => input.name)));
    return {
      constant: (wanted, tensor) => {
        const name = this.#names.take(wanted);
        added.push({ ...tensor, name });
        return name;
      },
      fresh: (wanted) => this.#names.take(wanted),
      valueOf: (name) =>
        replaceable.has(name)
          ? undefined
          : (added.find((tensor) => tensor.name === name) ?? tensors.find((one) => one.has(name))?.get(name)),
      rankOf: (name) =>
        tensors.find((one) => one.has(name))?.get(name)?.dims.length ??
        rankOf(infos.find((one) => one.has(name))?.get(name)),
      isFloat32Only: this.#isFloat32Only,
    };
  }
}

function convert(node: NodeProto, version: number, scope: ConversionScope): Converted {
  const operator = node.opType ?? "";
  const steps = conversions.get(operator);
  if (steps === undefined)
    return stableOperators.has(operator) ? [node] : { refused: "it is not known how this operator changed" };
  return steps.get(version)?.(node, scope) ?? [node];
}

function rankOf(value: ValueInfoProto | undefined): number | undefined {
  return value?.type?.tensorType?.shape?.dim.length;
}

function isFloat32Only(graph: GraphProto): boolean {
  const isOther = (type: unknown): boolean =>
    ["float16", "bfloat16", "float64"].includes(dataTypeName(type as number | undefined) ?? "");
  for (const one of allGraphs(graph)) {
    if (one.initializer.some((tensor) => isOther(tensor.dataType))) return false;
    if ([...one.input, ...one.valueInfo].some((value) => isOther(value.type?.tensorType?.elemType))) return false;
    // Cast and the makers of constants and of random numbers name the type they give.
    const named = one.node.flatMap((node) => node.attribute.filter(({ name }) => name === "to" || name === "dtype"));
    if (named.some((attribute) => isOther(attribute.i))) return false;
    if (one.node.some((node) => node.attribute.some((attribute) => isOther(attribute.t?.dataType)))) return false;
  }
  return true;
}
