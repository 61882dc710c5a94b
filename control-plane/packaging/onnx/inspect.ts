import { decodeModel } from "./decode.ts";
import { judgeLoops } from "./endless-loops.ts";
import { domainName } from "./graph/opsets.ts";
import { graphProblems } from "./graph-problems.ts";
import type { ModelContents } from "./inspect-weights.ts";
import { countContents } from "./inspect-weights.ts";
import { looksLike } from "./looks-like.ts";
import type { MemoryEstimate } from "./memory-estimate.ts";
import { estimateMemory } from "./memory-estimate.ts";
import type { Int, ModelProto, ValueInfoProto } from "./model.ts";
import { OnnxFormatError } from "./onnx-format-error.ts";
import { operatorProblems } from "./operator-problems.ts";
import type { DataTypeName } from "./tensor.ts";
import { dataTypeName } from "./tensor.ts";

/** What a model file is, read from the file alone: nothing in it has been run. */
export interface ModelInspection extends ModelContents {
  readonly bytes: number;
  readonly irVersion: Int | undefined;
  readonly producer: string;
  /** Version of the default operator set. */
  readonly opset: number | undefined;
  readonly domains: readonly OperatorDomain[];
  /** Operators that the file itself defines. */
  readonly functions: readonly string[];
  /** Graph inputs that are fed, not those with a built-in default. */
  readonly inputs: readonly InspectedTensor[];
  readonly outputs: readonly InspectedTensor[];
  readonly memory: MemoryEstimate;
  /** Where the graph is none, or cannot run, each with the reason. */
  readonly graphProblems: readonly string[];
  /** What is no reason to refuse the model, and good to know. */
  readonly notes: readonly string[];
  /** Entries of the model's own metadata, such as label names. */
  readonly metadata: Readonly<Record<string, string>>;
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

/**
 * Throws OnnxFormatError for bytes that are no ONNX model, saying what they seem to be instead. `dimensions` says how large free
 * dimensions are, by name, for the estimate of the memory.
 */
export function inspectModel(bytes: Uint8Array, dimensions: ReadonlyMap<string, number> = new Map()): ModelInspection {
  return inspectDecoded(decodeOrSayWhat(bytes), bytes.length, dimensions);
}

function decodeOrSayWhat(bytes: Uint8Array): ModelProto {
  let model: ModelProto;
  try {
    model = decodeModel(bytes);
  } catch (cause) {
    const form = cause instanceof OnnxFormatError ? looksLike(bytes) : undefined;
    throw form === undefined ? cause : new OnnxFormatError(form, { cause });
  }
  if (model.graph !== undefined) return model;
  throw new OnnxFormatError(looksLike(bytes) ?? "the file holds no graph: it is not an ONNX model");
}

/** As inspectModel, for a model that has been decoded from `bytes` bytes. */
export function inspectDecoded(
  model: ModelProto,
  bytes: number,
  dimensions: ReadonlyMap<string, number>,
): ModelInspection {
  const contents = countContents(model);
  const opset = defaultOpset(model);
  const loops = judgeLoops(model);
  const constants = new Set(model.graph?.initializer.map((tensor) => tensor.name));
  return {
    ...contents,
    bytes,
    irVersion: model.irVersion,
    producer: [model.producerName, model.producerVersion].filter(Boolean).join(" "),
    opset,
    domains: domainsOf(model, contents),
    functions: model.functions.map(({ name }) => name ?? ""),
    inputs: (model.graph?.input ?? []).filter((input) => !constants.has(input.name)).map(inspectedTensor),
    outputs: (model.graph?.output ?? []).map(inspectedTensor),
    memory: estimateMemory(model, dimensions),
    graphProblems: [...graphProblems(model), ...operatorProblems(model, opset), ...loops.refusals],
    notes: [...loops.notes, ...randomNotes(contents)],
    metadata: Object.fromEntries(model.metadataProps.map(({ key = "", value = "" }) => [key, value])),
  };
}

function defaultOpset(model: ModelProto): number | undefined {
  const entry = model.opsetImport.find((set) => domainName(set.domain) === "");
  return typeof entry?.version === "number" ? entry.version : undefined;
}

function domainsOf(model: ModelProto, { operators }: ModelContents): readonly OperatorDomain[] {
  const defined = new Set(model.functions.map((definition) => domainName(definition.domain)));
  const imported = new Map(model.opsetImport.map((set) => [domainName(set.domain), set.version]));
  return [...new Set([...imported.keys(), ...operators.map(({ domain }) => domain)])].map((domain) => ({
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

const randomOperators: readonly string[] = [
  "Bernoulli",
  "Multinomial",
  "RandomNormal",
  "RandomNormalLike",
  "RandomUniform",
  "RandomUniformLike",
];

function randomNotes({ operators }: ModelContents): readonly string[] {
  const found = operators.filter(({ domain, operator }) => domain === "" && randomOperators.includes(operator));
  return found.length === 0
    ? []
    : [`${found.map(({ operator }) => operator).join(", ")} draws random numbers: the same input gives other outputs`];
}
