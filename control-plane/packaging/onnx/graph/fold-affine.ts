import type { GraphProto, NodeProto, TensorProto } from "../model.ts";
import { rawTensor } from "../tensor.ts";
import { floatOf, intOf } from "./attributes.ts";
import { dimsOf, floatsOf, isFloat } from "./floats-of.ts";
import type { FreshNames } from "./fresh-names.ts";
import { domainName } from "./opsets.ts";
import type { Use } from "./uses-of.ts";
import { usesOf } from "./uses-of.ts";

/** y = x × factor + term, for each output channel. In float64: the fold costs one rounding of the final weight, no more. */
interface Affine {
  readonly factor: (channel: number) => number;
  readonly term: (channel: number) => number;
}

/**
 * Folds what follows a convolution and only scales and shifts its channels into its weights: BatchNormalization (at inference), and Add,
 * Sub, Mul and Div with a constant for each channel (or for all). Exporters that write bias and normalization as nodes of their own
 * (Paddle2ONNX) would otherwise leave a float island behind every convolution. Weights that others read as well are copied.
 *
 * W' = W × factor, b' = b × factor + term; for BatchNormalization factor = scale / √(variance + ε), term = B − mean × factor
 * (ONNX BatchNormalization). `graph` must be without constants in nodes; initializers that are also inputs are not touched.
 */
export function foldAffine(
  graph: GraphProto,
  names: FreshNames,
): { readonly graph: GraphProto; readonly count: number } {
  const fold = new Fold(graph, names);
  for (const node of graph.node) fold.node(node);
  return fold.count === 0 ? { graph, count: 0 } : { graph: fold.result(), count: fold.count };
}

class Fold {
  count = 0;
  readonly #graph: GraphProto;
  readonly #names: FreshNames;
  readonly #uses: ReadonlyMap<string, readonly Use[]>;
  readonly #constants: Map<string, TensorProto>;
  readonly #changedTensors = new Map<string, TensorProto>();
  readonly #addedTensors: TensorProto[] = [];
  readonly #nodes: NodeProto[] = [];
  /** Where in `#nodes` the convolution stands that gives a value. */
  readonly #convolutions = new Map<string, number>();

  constructor(graph: GraphProto, names: FreshNames) {
    this.#graph = graph;
    this.#names = names;
    this.#uses = usesOf(graph);
    const inputs = new Set(graph.input.map((input) => input.name));
    this.#constants = new Map(
      graph.initializer.filter((one) => isFloat(one) && !inputs.has(one.name)).map((one) => [one.name ?? "", one]),
    );
  }

  node(node: NodeProto): void {
    const index = this.#sourceOf(node);
    const convolution = index === undefined ? undefined : this.#nodes[index];
    const folded = convolution === undefined ? undefined : this.#folded(convolution, node);
    if (index === undefined || folded === undefined) {
      if (isConvolution(node)) this.#convolutions.set(node.output[0] ?? "", this.#nodes.length);
      this.#nodes.push(node);
      return;
    }
    this.count++;
    this.#nodes[index] = folded;
    this.#convolutions.set(folded.output[0] ?? "", index);
  }

  result(): GraphProto {
    const initializer = [
      ...this.#graph.initializer.map((tensor) => this.#changedTensors.get(tensor.name ?? "") ?? tensor),
      ...this.#addedTensors,
    ];
    return { ...this.#graph, node: this.#nodes, initializer };
  }

  /** The convolution whose result this node alone reads. */
  #sourceOf(node: NodeProto): number | undefined {
    for (const name of node.input) {
      const index = this.#convolutions.get(name);
      const uses = this.#uses.get(name) ?? [];
      if (index !== undefined && uses.length === 1 && uses[0]?.node === node) return index;
    }
    return undefined;
  }

  #folded(convolution: NodeProto, node: NodeProto): NodeProto | undefined {
    const weight = this.#constants.get(convolution.input[1] ?? "");
    const biasName = convolution.input[2] ?? "";
    const bias = this.#constants.get(biasName);
    if (weight === undefined || (biasName !== "" && bias === undefined)) return undefined;
    const layout = channelsOf(convolution, dimsOf(weight));
    if (layout === undefined || (bias !== undefined && dimsOf(bias)[0] !== layout.channels)) return undefined;
    const affine = this.#affine(node, convolution.output[0] ?? "", layout.channels, weight.dims.length);
    if (affine === undefined) return undefined;
    const before = bias === undefined ? new Float32Array(layout.channels) : floatsOf(bias);
    const after = before.map((value, channel) => value * affine.factor(channel) + affine.term(channel));
    const weights = floatsOf(weight).map((value, index) => value * affine.factor(layout.channelAt(index)));
    // A factor of 1/0 or the like is left for the runtime to meet.
    if (!after.every(Number.isFinite) || !weights.every(Number.isFinite)) return undefined;
    const [x = "", weightName = ""] = convolution.input;
    const [output = ""] = node.output;
    return {
      ...convolution,
      input: [
        x,
        this.#store(weightName, dimsOf(weight), weights),
        this.#store(biasName === "" ? this.#names.take(`${output}_bias`) : biasName, [layout.channels], after),
      ],
      output: [output],
    };
  }

  /** Under the same name where nobody else reads the tensor; new names are put behind the others. */
  #store(name: string, dims: readonly number[], values: Float32Array): string {
    const isKnown = this.#constants.has(name);
    const isShared = isKnown && (this.#uses.get(name) ?? []).length > 1;
    const stored = isShared ? this.#names.take(`${name}_folded`) : name;
    const tensor = rawTensor(stored, dims, "float32", values);
    this.#constants.set(stored, tensor);
    const added = this.#addedTensors.findIndex((one) => one.name === stored);
    if (added >= 0) this.#addedTensors[added] = tensor;
    else if (isKnown && !isShared) this.#changedTensors.set(stored, tensor);
    else this.#addedTensors.push(tensor);
    return stored;
  }

  #affine(node: NodeProto, from: string, channels: number, rank: number): Affine | undefined {
    if (domainName(node.domain) !== "") return undefined;
    const slot = node.input.indexOf(from);
    if (node.opType === "BatchNormalization") return slot === 0 ? this.#normalization(node, channels) : undefined;
    if (node.input.length !== 2) return undefined;
    const values = this.#perChannel(node.input[1 - slot] ?? "", channels, rank);
    if (values === undefined) return undefined;
    switch (node.opType ?? "") {
      case "Add":
        return { factor: () => 1, term: values };
      case "Sub":
        return slot === 0 ? { factor: () => 1, term: (c) => -values(c) } : { factor: () => -1, term: values };
      case "Mul":
        return { factor: values, term: () => 0 };
      case "Div":
        return slot === 0 ? { factor: (c) => 1 / values(c), term: () => 0 } : undefined;
      default:
        return undefined;
    }
  }

  #normalization(node: NodeProto, channels: number): Affine | undefined {
    if (node.output.slice(1).some((output) => output !== "") || intOf(node, "training_mode", 0) !== 0) return undefined;
    const parts = node.input.slice(1).map((name) => this.#constants.get(name));
    if (parts.length !== 4 || parts.some((part) => part === undefined || dimsOf(part)[0] !== channels))
      return undefined;
    const [scale, shift, mean, variance] = parts.map((part) => floatsOf(part as TensorProto)) as [
      Float32Array,
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    const epsilon = floatOf(node, "epsilon", 1e-5);
    const factor = (c: number): number => (scale[c] as number) / Math.sqrt((variance[c] as number) + epsilon);
    return { factor, term: (c) => (shift[c] as number) - (mean[c] as number) * factor(c) };
  }

  /** The constant as one number for each channel: all its dimensions are 1, except perhaps the channels' (the second of `rank`). */
  #perChannel(name: string, channels: number, rank: number): ((channel: number) => number) | undefined {
    const tensor = this.#constants.get(name);
    if (tensor === undefined || tensor.dims.length > rank) return undefined;
    const dims = dimsOf(tensor);
    const channelDim = dims.length - (rank - 1);
    const values = floatsOf(tensor);
    if (dims.some((dim, index) => dim !== 1 && !(index === channelDim && dim === channels))) return undefined;
    return (channel) => values[values.length === 1 ? 0 : channel] as number;
  }
}

function isConvolution(node: NodeProto): boolean {
  return domainName(node.domain) === "" && (node.opType === "Conv" || node.opType === "ConvTranspose");
}

interface Channels {
  readonly channels: number;
  /** The output channel that the element at this place of the weight belongs to. */
  readonly channelAt: (index: number) => number;
}

/** Conv weights are [out, in / groups, …]; ConvTranspose weights are [in, out / groups, …], the inputs of a group side by side. */
function channelsOf(node: NodeProto, dims: readonly number[]): Channels | undefined {
  const [first = 0, second = 0] = dims;
  const inner = dims.slice(2).reduce((all, dim) => all * dim, 1);
  if (node.opType === "Conv") return { channels: first, channelAt: (index) => Math.floor(index / (second * inner)) };
  const groups = intOf(node, "group", 1);
  if (groups < 1 || first % groups !== 0) return undefined;
  return {
    channels: second * groups,
    channelAt: (index) => {
      const row = Math.floor(index / (second * inner));
      return Math.floor(row / (first / groups)) * second + (Math.floor(index / inner) % second);
    },
  };
}
