import { intOf } from "../onnx/graph/attributes.ts";
import { dimsOf, floatsOf, isFloat, sizeOf } from "../onnx/graph/floats-of.ts";
import { FreshNames } from "../onnx/graph/fresh-names.ts";
import { mapGraphs } from "../onnx/graph/map-graphs.ts";
import { nodeKey } from "../onnx/graph/node-key.ts";
import { domainName } from "../onnx/graph/opsets.ts";
import type { Use } from "../onnx/graph/uses-of.ts";
import { usesOf } from "../onnx/graph/uses-of.ts";
import { intAttribute } from "../onnx/build.ts";
import type { GraphProto, NodeProto, TensorProto } from "../onnx/model.ts";
import { dataTypeCode, rawTensor } from "../onnx/tensor.ts";
import { quantizeWeights } from "./numbers.ts";
import type { QuantizationOptions, QuantizedModel, QuantizedPart } from "./quantization.ts";
import { int8Name, scaleName } from "./stored-weight-names.ts";
import { unnamedNode } from "./unnamed-node.ts";
import { asInt8 } from "./weights-int8.ts";

/** Weights below that stay: names and scales would take what the smaller numbers give. */
const fewestElements = 1_024;

const recurrent = new Set(["LSTM", "GRU", "RNN"]);

/**
 * What a method for layers leaves behind, as int8: the tables of embeddings, which are half of a small language model, and the weights
 * of recurrent layers, which compute in float. Rows of a table are looked up as int8, so that it stays small in memory too; a recurrent
 * layer's weights are expanded when the model is loaded. Excluded nodes keep theirs, and so does everything when the method found nothing.
 */
export function withSmallWeights(done: QuantizedModel, options: QuantizationOptions): QuantizedModel {
  if (done.report.quantized.length === 0) return done;
  const names = new FreshNames(done.model);
  const excluded = new Set(options.exclude);
  const parts: QuantizedPart[] = [];
  const model = mapGraphs(done.model, (graph) => new SmallWeights(graph, excluded, options, names, parts).graph());
  const shrunk = new Set(parts.map(({ node }) => node));
  return {
    model,
    report: {
      ...done.report,
      quantized: [...done.report.quantized, ...parts],
      kept: done.report.kept.filter(({ node }) => !shrunk.has(node)),
    },
  };
}

class SmallWeights {
  readonly #graph: GraphProto;
  readonly #options: QuantizationOptions;
  readonly #names: FreshNames;
  readonly #parts: QuantizedPart[];
  readonly #excluded: ReadonlySet<string>;
  readonly #first: NodeProto[] = [];
  readonly #lookups = new Map<NodeProto, readonly NodeProto[]>();

  constructor(
    graph: GraphProto,
    excluded: ReadonlySet<string>,
    options: QuantizationOptions,
    names: FreshNames,
    parts: QuantizedPart[],
  ) {
    this.#graph = graph;
    this.#excluded = excluded;
    this.#options = options;
    this.#names = names;
    this.#parts = parts;
  }

  graph(): GraphProto {
    const uses = usesOf(this.#graph);
    const inputs = new Set(this.#graph.input.map((input) => input.name));
    const initializer = this.#graph.initializer.flatMap((tensor) => {
      if (!isFloat(tensor) || inputs.has(tensor.name) || sizeOf(tensor) < fewestElements) return [tensor];
      return this.#smaller(tensor, uses.get(tensor.name ?? "") ?? []);
    });
    if (this.#first.length === 0 && this.#lookups.size === 0) return this.#graph;
    const node = [...this.#first, ...this.#graph.node.flatMap((one) => this.#lookups.get(one) ?? [one])];
    return { ...this.#graph, node, initializer };
  }

  #smaller(tensor: TensorProto, uses: readonly Use[]): readonly TensorProto[] {
    const readers = uses.flatMap(({ node, slot, depth }) =>
      node === undefined || depth > 0 || domainName(node.domain) !== "" || this.#excluded.has(nodeKey(node))
        ? []
        : [{ node, slot }],
    );
    if (readers.length < uses.length || readers.length === 0) return [tensor];
    if (tensor.dims.length === 2 && readers.every(({ node, slot }) => isLookup(node) && slot === 0))
      return this.#table(
        tensor,
        readers.map(({ node }) => node),
      );
    if (!readers.every(({ node, slot }) => recurrent.has(node.opType ?? "") && (slot === 1 || slot === 2)))
      return [tensor];
    const weight = { name: tensor.name ?? "", dims: dimsOf(tensor), values: floatsOf(tensor), readers };
    const stored = asInt8(weight, this.#names, this.#options);
    if (stored.kind === "kept") return [tensor];
    for (const { node } of readers) this.#report(node, weight.name);
    this.#first.push(...stored.nodes);
    return stored.initializers;
  }

  /** A scale for each row. */
  #table(tensor: TensorProto, lookups: readonly NodeProto[]): readonly TensorProto[] {
    const name = tensor.name ?? "";
    const dims = dimsOf(tensor);
    const { perChannel, baseScales } = this.#options;
    const axis = perChannel ? 0 : undefined;
    const { quantized, scales } = quantizeWeights(floatsOf(tensor), dims, {
      axis,
      bits: 8,
      base: baseScales?.get(name),
      name,
    });
    const [table, scale] = [this.#names.take(int8Name(name)), this.#names.take(scaleName(name))];
    for (const lookup of lookups) {
      this.#report(lookup, name);
      this.#lookups.set(lookup, this.#lookup(lookup, table, scale));
    }
    return [
      rawTensor(table, dims, "int8", quantized),
      rawTensor(scale, perChannel ? [scales.length, 1] : [], "float32", scales),
    ];
  }

  #lookup(lookup: NodeProto, table: string, scale: string): readonly NodeProto[] {
    const [, indices = ""] = lookup.input;
    const [output = ""] = lookup.output;
    const [rows, unscaled] = [this.#names.take(`${output}_int8`), this.#names.take(`${output}_unscaled`)];
    const ownScale = this.#options.perChannel ? this.#names.take(`${output}_row_scale`) : scale;
    return [
      { ...lookup, input: [table, indices], output: [rows] },
      ...(this.#options.perChannel ? [unnamedNode("Gather", [scale, indices], [ownScale])] : []),
      unnamedNode("Cast", [rows], [unscaled], [intAttribute("to", dataTypeCode("float32"))]),
      unnamedNode("Mul", [unscaled, ownScale], [output]),
    ];
  }

  #report(node: NodeProto, weight: string): void {
    this.#parts.push({ node: nodeKey(node), operator: node.opType ?? "", weights: [weight] });
  }
}

function isLookup(node: NodeProto): boolean {
  return node.opType === "Gather" && intOf(node, "axis", 0) === 0;
}
