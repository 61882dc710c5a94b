import { subgraphsOf } from "./graph/attributes.ts";
import { domainName } from "./graph/opsets.ts";
import type { GraphProto, ModelProto, NodeProto, TensorProto } from "./model.ts";
import type { DataTypeName } from "./tensor.ts";
import { dataTypeName, elementCount, rawBytesOf } from "./tensor.ts";

/** A constant tensor of the file, wherever it stands. */
export interface InspectedWeight {
  readonly name: string;
  readonly dataType: DataTypeName | undefined;
  readonly shape: readonly (number | bigint)[];
  readonly bytes: number;
  /** In an initializer, as usual, or as the attribute of a node (Constant in most cases). */
  readonly place: "initializer" | "attribute";
  /** 0 in the model's own graph, 1 in a body of one of its nodes, and so on. */
  readonly depth: number;
}

export interface OperatorCount {
  /** "" for the default domain. */
  readonly domain: string;
  readonly operator: string;
  readonly count: number;
  /** Of `count`, those in bodies of If, Loop and Scan, and in functions. */
  readonly nested: number;
}

/** Everything in a model that costs something, counted. */
export interface ModelContents {
  /** Most frequent first, subgraphs and functions included. */
  readonly operators: readonly OperatorCount[];
  readonly nodes: number;
  /** Graphs within graphs: 0 when no node has a subgraph. */
  readonly subgraphDepth: number;
  /** Bodies of If, Loop and Scan. */
  readonly subgraphs: number;
  /** Largest first. */
  readonly weights: readonly InspectedWeight[];
  /** Elements of all constant tensors, and the bytes they take in the file or beside it. */
  readonly parameters: number;
  readonly parameterBytes: number;
  /** Names of tensors whose data lies in another file. */
  readonly externalTensors: readonly string[];
  /** Constant tensors whose declaration and data disagree, each with the reason. */
  readonly damagedTensors: readonly string[];
}

/** One pass over the model. */
export function countContents(model: ModelProto): ModelContents {
  const walk = new Walk();
  if (model.graph !== undefined) walk.graph(model.graph, 0);
  for (const definition of model.functions) for (const node of definition.node) walk.node(node, 0, true);
  return {
    operators: [...walk.operators.values()].toSorted((a, b) => b.count - a.count),
    nodes: walk.nodes,
    subgraphDepth: walk.depth,
    subgraphs: walk.subgraphs,
    weights: walk.weights.toSorted((a, b) => b.bytes - a.bytes),
    parameters: walk.parameters,
    parameterBytes: walk.parameterBytes,
    externalTensors: walk.external,
    damagedTensors: walk.damaged,
  };
}

class Walk {
  readonly operators = new Map<string, { domain: string; operator: string; count: number; nested: number }>();
  readonly weights: InspectedWeight[] = [];
  readonly external: string[] = [];
  readonly damaged: string[] = [];
  nodes = 0;
  depth = 0;
  subgraphs = 0;
  parameters = 0;
  parameterBytes = 0;

  graph(graph: GraphProto, depth: number): void {
    this.depth = Math.max(this.depth, depth);
    if (depth > 0) this.subgraphs += 1;
    for (const tensor of graph.initializer) this.#tensor(tensor, tensor.name, "initializer", depth);
    for (const sparse of graph.sparseInitializer)
      if (sparse.values !== undefined) this.#tensor(sparse.values, sparse.values.name, "initializer", depth);
    for (const node of graph.node) this.node(node, depth, depth > 0);
  }

  node(node: NodeProto, depth: number, nested: boolean): void {
    this.nodes += 1;
    const domain = domainName(node.domain);
    const operator = node.opType ?? "";
    const key = `${domain}:${operator}`;
    const entry = this.operators.get(key) ?? { domain, operator, count: 0, nested: 0 };
    entry.count += 1;
    if (nested) entry.nested += 1;
    this.operators.set(key, entry);
    for (const attribute of node.attribute)
      for (const tensor of [...(attribute.t === undefined ? [] : [attribute.t]), ...attribute.tensors])
        this.#tensor(tensor, node.output[0] ?? tensor.name, "attribute", depth);
    for (const body of subgraphsOf(node)) this.graph(body, depth + 1);
  }

  #tensor(tensor: TensorProto, name = "", place: InspectedWeight["place"], depth: number): void {
    if (tensor.dataLocation === 1 || tensor.externalData.length > 0) this.external.push(name);
    const count = elementCount(tensor.dims);
    const dataType = dataTypeName(tensor.dataType);
    if (count === undefined) this.damaged.push(`"${name}" has the impossible shape [${tensor.dims.join(", ")}]`);
    else if (dataType === undefined)
      this.damaged.push(`"${name}" has the element type ${tensor.dataType ?? "unknown"}, which is not known`);
    else {
      const bytes = rawBytesOf(dataType, count) ?? 0;
      this.parameters += count;
      this.parameterBytes += bytes;
      this.weights.push({ name, dataType, shape: tensor.dims, bytes, place, depth });
      const damage = damageOf(tensor, count, bytes);
      if (damage !== undefined) this.damaged.push(`"${name}" ${damage}`);
    }
  }
}

function damageOf(tensor: TensorProto, count: number, bytes: number): string | undefined {
  if (tensor.dataLocation === 1) return undefined;
  if (tensor.rawData !== undefined)
    return tensor.rawData.length === bytes
      ? undefined
      : `needs ${bytes} bytes for its shape and holds ${tensor.rawData.length}`;
  return typedValues(tensor) === 0 && count > 0 ? `declares ${count} values and holds none` : undefined;
}

function typedValues(tensor: TensorProto): number {
  const { floatData, int32Data, int64Data, doubleData, uint64Data, stringData } = tensor;
  return [floatData, int32Data, int64Data, doubleData, uint64Data, stringData].reduce(
    (all, run) => all + run.length,
    0,
  );
}
