import { decodeModel } from "./decode.ts";
import type { GraphProto, Int, ModelProto, NodeProto, TensorProto, ValueInfoProto } from "./model.ts";
import { OnnxFormatError } from "./onnx-format-error.ts";
import type { DataTypeName } from "./tensor.ts";
import { dataTypeName, elementCount, rawBytesOf } from "./tensor.ts";

/** What a model file is, read from the file alone: nothing in it has been run. */
export interface ModelInspection {
  readonly bytes: number;
  readonly irVersion: Int | undefined;
  readonly producer: string;
  /** Version of the default operator set. */
  readonly opset: number | undefined;
  readonly domains: readonly OperatorDomain[];
  /** Graph inputs that are fed, not those with a built-in default. */
  readonly inputs: readonly InspectedTensor[];
  readonly outputs: readonly InspectedTensor[];
  /** Most frequent first, subgraphs and functions included. */
  readonly operators: readonly OperatorCount[];
  readonly nodes: number;
  /** Graphs within graphs: 0 when no node has a subgraph. */
  readonly subgraphDepth: number;
  /** Elements of all constant tensors, and the bytes they take in the file or beside it. */
  readonly parameters: number;
  readonly parameterBytes: number;
  /** Names of tensors whose data lies in another file. */
  readonly externalTensors: readonly string[];
  /** Constant tensors whose declaration and data disagree, each with the reason. */
  readonly damagedTensors: readonly string[];
}

interface OperatorDomain {
  readonly domain: string;
  readonly version: Int | undefined;
  /** Its operators are defined by functions inside the file. */
  readonly defined: boolean;
}

export interface InspectedTensor {
  readonly name: string;
  readonly dataType: DataTypeName | undefined;
  /** A number, or the symbol of a free dimension ("?" where it has none). Undefined when no shape is declared. */
  readonly shape: readonly (number | string)[] | undefined;
}

interface OperatorCount {
  /** "" for the default domain. */
  readonly domain: string;
  readonly operator: string;
  readonly count: number;
}

/** Throws OnnxFormatError for bytes that are no ONNX model. */
export function inspectModel(bytes: Uint8Array): ModelInspection {
  const model = decodeModel(bytes);
  const { graph } = model;
  if (graph === undefined) throw new OnnxFormatError("the file holds no graph: it is not an ONNX model");
  const walk = new Walk();
  walk.graph(graph, 0);
  for (const definition of model.functions) for (const node of definition.node) walk.node(node, 0);
  const constants = new Set(graph.initializer.map((tensor) => tensor.name));
  return {
    bytes: bytes.length,
    irVersion: model.irVersion,
    producer: [model.producerName, model.producerVersion].filter(Boolean).join(" "),
    opset: defaultOpset(model),
    domains: domainsOf(model, walk),
    inputs: graph.input.filter((input) => !constants.has(input.name)).map(inspectedTensor),
    outputs: graph.output.map(inspectedTensor),
    operators: [...walk.operators.values()].toSorted((a, b) => b.count - a.count),
    nodes: walk.nodes,
    subgraphDepth: walk.depth,
    parameters: walk.parameters,
    parameterBytes: walk.parameterBytes,
    externalTensors: walk.external,
    damagedTensors: walk.damaged,
  };
}

/** ONNX names its default domain in two ways. */
function domainName(domain: string | undefined): string {
  return domain === undefined || domain === "ai.onnx" ? "" : domain;
}

function defaultOpset(model: ModelProto): number | undefined {
  const entry = model.opsetImport.find((set) => domainName(set.domain) === "");
  return typeof entry?.version === "number" ? entry.version : undefined;
}

function domainsOf(model: ModelProto, walk: Walk): readonly OperatorDomain[] {
  const defined = new Set(model.functions.map((definition) => domainName(definition.domain)));
  const imported = new Map(model.opsetImport.map((set) => [domainName(set.domain), set.version]));
  const used = [...walk.operators.values()].map((operator) => operator.domain);
  return [...new Set([...imported.keys(), ...used])].map((domain) => ({
    domain,
    version: imported.get(domain),
    defined: defined.has(domain),
  }));
}

function inspectedTensor(value: ValueInfoProto): InspectedTensor {
  const type = value.type?.tensorType;
  const shape = type?.shape?.dim.map((dim) => {
    if (dim.dimValue !== undefined) return Number(dim.dimValue);
    return dim.dimParam === undefined || dim.dimParam === "" ? "?" : dim.dimParam;
  });
  return { name: value.name ?? "", dataType: dataTypeName(type?.elemType), shape };
}

/** One pass over everything in the graph that costs something. */
class Walk {
  readonly operators = new Map<string, { domain: string; operator: string; count: number }>();
  readonly external: string[] = [];
  readonly damaged: string[] = [];
  nodes = 0;
  depth = 0;
  parameters = 0;
  parameterBytes = 0;

  graph(graph: GraphProto, depth: number): void {
    this.depth = Math.max(this.depth, depth);
    for (const tensor of graph.initializer) this.#tensor(tensor);
    for (const sparse of graph.sparseInitializer) if (sparse.values !== undefined) this.#tensor(sparse.values);
    for (const node of graph.node) this.node(node, depth);
  }

  node(node: NodeProto, depth: number): void {
    this.nodes += 1;
    const domain = domainName(node.domain);
    const operator = node.opType ?? "";
    const key = `${domain}:${operator}`;
    const entry = this.operators.get(key) ?? { domain, operator, count: 0 };
    entry.count += 1;
    this.operators.set(key, entry);
    for (const attribute of node.attribute) {
      if (attribute.t !== undefined) this.#tensor(attribute.t);
      for (const tensor of attribute.tensors) this.#tensor(tensor);
      if (attribute.g !== undefined) this.graph(attribute.g, depth + 1);
      for (const graph of attribute.graphs) this.graph(graph, depth + 1);
    }
  }

  #tensor(tensor: TensorProto): void {
    const name = tensor.name ?? "";
    if (tensor.dataLocation === 1 || tensor.externalData.length > 0) this.external.push(name);
    const count = elementCount(tensor.dims);
    const type = dataTypeName(tensor.dataType);
    if (count === undefined) this.damaged.push(`"${name}" has the impossible shape [${tensor.dims.join(", ")}]`);
    else if (type !== undefined) {
      const bytes = rawBytesOf(type, count) ?? 0;
      this.parameters += count;
      this.parameterBytes += bytes;
      if (tensor.rawData !== undefined && tensor.rawData.length !== bytes)
        this.damaged.push(`"${name}" needs ${bytes} bytes for its shape and holds ${tensor.rawData.length}`);
      else if (tensor.rawData === undefined && tensor.dataLocation !== 1 && typedValues(tensor) === 0 && count > 0)
        this.damaged.push(`"${name}" declares ${count} values and holds none`);
    }
  }
}

function typedValues(tensor: TensorProto): number {
  const { floatData, int32Data, int64Data, doubleData, uint64Data, stringData } = tensor;
  return [floatData, int32Data, int64Data, doubleData, uint64Data, stringData].reduce(
    (all, run) => all + run.length,
    0,
  );
}
