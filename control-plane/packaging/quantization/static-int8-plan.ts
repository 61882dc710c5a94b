import { subgraphsOf } from "../onnx/graph/attributes.ts";
import { clipLimits } from "../onnx/graph/clip-limits.ts";
import { isFloat, sizeOf } from "../onnx/graph/floats-of.ts";
import { allGraphs } from "../onnx/graph/map-graphs.ts";
import { nodeKey } from "../onnx/graph/node-key.ts";
import { domainName } from "../onnx/graph/opsets.ts";
import type { Use } from "../onnx/graph/uses-of.ts";
import { usesOf } from "../onnx/graph/uses-of.ts";
import type { GraphProto, NodeProto, TensorProto } from "../onnx/model.ts";
import type { ActivationRange, KeptPart } from "./quantization.ts";
import { saturation } from "./saturation.ts";
import { mostKernelDimensions, whyNoIntegerKernel } from "./static-int8-eligible.ts";
import { activationSlots, knownRange, operatorKind } from "./static-int8-operators.ts";

/**
 * What is quantized in a prepared graph, before anything is changed.
 *
 * Compute nodes (Conv, MatMul, Gemm) with constant weights are, wherever the ranges are known. A convolution's result must be quantized,
 * or onnxruntime computes it in float; MatMul and Gemm give float results unless an integer node reads them, which spares the model's
 * last layer and residual sums a rounding. Arithmetic and carriers join only where all they read is quantized anyway and something
 * quantized wants their result: an integer node between float ones would round twice and win nothing.
 */
export interface StaticPlan {
  /** The nodes that will compute with integers. */
  readonly nodes: ReadonlySet<NodeProto>;
  /** Relu and Clip nodes that vanish: the range of the quantized result of the node before them does the clipping. */
  readonly absorbed: ReadonlyMap<NodeProto, NodeProto>;
  /** Nodes that compute in float with weights that are stored as int8: there is no integer kernel for them. */
  readonly shrunk: ReadonlySet<NodeProto>;
  /** The values that get a scale and a zero point. */
  readonly values: ReadonlySet<string>;
  /** What a node writes: its own output, or that of the Relu it has absorbed. */
  readonly resultOf: (node: NodeProto) => string;
  /** The value whose range a value has: another one where a carrier moves it on unchanged. */
  readonly rangeSourceOf: (value: string) => string;
  /** The range of a value that must not be calibrated, because it is known, or that need not be exceeded: a Clip or its readers say it. */
  readonly limitsOf: (value: string) => { readonly known?: ActivationRange; readonly within?: ActivationRange };
  readonly kept: readonly KeptPart[];
}

/** @param isObserved whether a range is at hand for a value; undefined while planning what to observe: every range will be */
export function planStaticInt8(
  graph: GraphProto,
  exclude: ReadonlySet<string>,
  isObserved: ((value: string) => boolean) | undefined,
): StaticPlan {
  return new Planner(graph, exclude, isObserved ?? (() => true)).plan();
}

/** Operators that compute nothing with the model's values: nobody would wonder that they stay as they are. */
const plumbing = new Set(
  "Shape Size Range Constant ConstantOfShape Cast Identity If Loop Scan Gather Slice Split Expand Tile NonZero Where Equal Not And Or".split(
    " ",
  ),
);

/** Weights below that stay: names and scales would take what the smaller numbers give. */
const fewestElements = 256;

class Planner {
  readonly #graph: GraphProto;
  readonly #exclude: ReadonlySet<string>;
  readonly #isObserved: (value: string) => boolean;
  readonly #constants: ReadonlyMap<string, TensorProto>;
  readonly #uses: ReadonlyMap<string, readonly Use[]>;
  readonly #producers: ReadonlyMap<string, NodeProto>;
  /** A node and the Relu or Clip behind it that it could absorb, both ways round. */
  readonly #clipAfter = new Map<NodeProto, NodeProto>();
  readonly #clipped = new Map<NodeProto, NodeProto>();
  readonly #refusals = new Map<NodeProto, string>();
  readonly #compute = new Set<NodeProto>();
  /** Arithmetic and carriers that are still thought to be worth it. */
  readonly #joined = new Set<NodeProto>();
  /** What compute nodes read: it is quantized in any case. */
  readonly #read = new Set<string>();

  constructor(graph: GraphProto, exclude: ReadonlySet<string>, isObserved: (value: string) => boolean) {
    this.#graph = graph;
    this.#exclude = exclude;
    this.#isObserved = isObserved;
    const inputs = new Set(graph.input.map((input) => input.name));
    this.#constants = new Map(
      graph.initializer.filter((tensor) => !inputs.has(tensor.name)).map((tensor) => [tensor.name ?? "", tensor]),
    );
    this.#uses = usesOf(graph);
    this.#producers = new Map(graph.node.flatMap((node) => node.output.map((output) => [output, node])));
  }

  plan(): StaticPlan {
    this.#pairClips();
    this.#chooseCompute();
    this.#chooseOthers();
    const nodes = new Set([...this.#compute, ...this.#joined]);
    const values = new Set([...nodes].flatMap((node) => this.#activations(node)));
    for (const node of nodes) if (this.#givesQuantized(node)) values.add(this.#result(node));
    const shrunk = new Set(this.#graph.node.filter((node) => this.#canShrink(node)));
    const absorbed = new Map([...this.#clipped].filter(([clip, node]) => nodes.has(node) && values.has(first(clip))));
    return {
      nodes,
      absorbed,
      shrunk,
      values,
      resultOf: (node) => (values.has(this.#result(node)) ? this.#result(node) : first(node)),
      rangeSourceOf: (value) => this.#rangeSource(value),
      limitsOf: (value) => this.#limits(value, absorbed),
      kept: this.#kept(new Set([...nodes, ...absorbed.keys(), ...shrunk])),
    };
  }

  /** Relu, or Clip around 0, behind a node whose result nothing else reads. */
  #pairClips(): void {
    for (const clip of this.#graph.node) {
      if (clipLimits(clip, this.#constants) === undefined || this.#exclude.has(nodeKey(clip))) continue;
      const from = clip.input[0] ?? "";
      const node = this.#producers.get(from);
      if (node === undefined || !["compute", "arithmetic"].includes(operatorKind(node) ?? "")) continue;
      if ((this.#uses.get(from) ?? []).length !== 1) continue;
      this.#clipAfter.set(node, clip);
      this.#clipped.set(clip, node);
    }
  }

  #chooseCompute(): void {
    for (const node of this.#graph.node) {
      if (operatorKind(node) !== "compute") continue;
      const refusal = this.#exclude.has(nodeKey(node)) ? "excluded" : this.#whyNotCompute(node);
      if (refusal === undefined) {
        this.#compute.add(node);
        for (const value of this.#activations(node)) this.#read.add(value);
      } else this.#refusals.set(node, refusal);
    }
  }

  #whyNotCompute(node: NodeProto): string | undefined {
    const refusal = whyNoIntegerKernel(node, this.#constants);
    if (refusal !== undefined) return refusal;
    const needed = [...this.#activations(node), ...(node.opType === "Conv" ? [this.#result(node)] : [])];
    const unknown = needed.find((value) => !this.#hasRange(value));
    return unknown === undefined ? undefined : `no range is known for "${unknown}"`;
  }

  /** Starts with all that could join, and drops what reads something float or what nobody wants, until nothing changes. */
  #chooseOthers(): void {
    for (const node of this.#graph.node) {
      const kind = operatorKind(node);
      if (kind === undefined || kind === "compute") continue;
      if (this.#exclude.has(nodeKey(node))) this.#refusals.set(node, "excluded");
      else this.#joined.add(node);
    }
    for (let size = -1; size !== this.#joined.size;) {
      size = this.#joined.size;
      for (const node of this.#joined) if (!this.#canJoin(node)) this.#joined.delete(node);
      for (const node of [...this.#joined].toReversed()) if (!this.#isWorthIt(node)) this.#joined.delete(node);
    }
  }

  #canJoin(node: NodeProto): boolean {
    const operands = activationSlots(node).map((slot) => node.input[slot] ?? "");
    const isConcat = node.opType === "Concat";
    return (
      operands.some((value) => !this.#constants.has(value)) &&
      operands.every((value) => {
        const constant = this.#constants.get(value);
        return constant === undefined ? this.#canBeQuantized(value) : isConcat && isFloat(constant);
      }) &&
      this.#hasRange(this.#result(node))
    );
  }

  #isWorthIt(node: NodeProto): boolean {
    // A pool of bytes is faster and exact, whoever reads it.
    return node.opType === "MaxPool" || this.#isWanted(this.#result(node));
  }

  #canBeQuantized(value: string): boolean {
    if (this.#read.has(value)) return true;
    const producer = this.#producers.get(value);
    if (producer === undefined) return false;
    const node = this.#clipped.get(producer) ?? producer;
    return (this.#compute.has(node) || this.#joined.has(node)) && this.#result(node) === value && this.#hasRange(value);
  }

  #isWanted(value: string): boolean {
    return (this.#uses.get(value) ?? []).some(
      ({ node, slot, depth }) =>
        depth === 0 &&
        node !== undefined &&
        (this.#compute.has(node) || this.#joined.has(node)) &&
        activationSlots(node).includes(slot),
    );
  }

  #givesQuantized(node: NodeProto): boolean {
    if (node.opType === "Conv" || this.#joined.has(node)) return true;
    return this.#isWanted(this.#result(node)) && this.#hasRange(this.#result(node));
  }

  #activations(node: NodeProto): readonly string[] {
    return activationSlots(node)
      .map((slot) => node.input[slot] ?? "")
      .filter((value) => value !== "" && !this.#constants.has(value));
  }

  #result(node: NodeProto): string {
    return first(this.#clipAfter.get(node) ?? node);
  }

  #hasRange(value: string): boolean {
    if (this.#isObserved(value)) return true;
    const producer = this.#producers.get(value);
    if (producer === undefined) return false;
    if (knownRange(producer) !== undefined) return true;
    return operatorKind(producer) === "carrier" && this.#hasRange(producer.input[0] ?? "");
  }

  #rangeSource(value: string): string {
    const producer = this.#producers.get(value);
    if (producer === undefined || operatorKind(producer) !== "carrier") return value;
    // A carrier that stays float may have a range of its own, if anybody has observed it.
    if (!this.#joined.has(producer) && this.#isObserved(value)) return value;
    return this.#rangeSource(producer.input[0] ?? "");
  }

  #limits(value: string, absorbed: ReadonlyMap<NodeProto, NodeProto>): ReturnType<StaticPlan["limitsOf"]> {
    const producer = this.#producers.get(value);
    if (producer === undefined) return {};
    const known = knownRange(producer);
    const clipped = absorbed.has(producer) ? clipLimits(producer, this.#constants) : undefined;
    const within = clipped ?? saturation(value, this.#uses.get(value) ?? []);
    return { ...(known === undefined ? {} : { known }), ...(within === undefined ? {} : { within }) };
  }

  #canShrink(node: NodeProto): boolean {
    const operator = node.opType ?? "";
    if (!["ConvTranspose", "Conv"].includes(operator) || domainName(node.domain) !== "") return false;
    const name = node.input[1] ?? "";
    const weight = this.#constants.get(name);
    if (this.#exclude.has(nodeKey(node)) || weight === undefined || !isFloat(weight)) return false;
    if (sizeOf(weight) < fewestElements || (operator === "Conv" && weight.dims.length <= mostKernelDimensions))
      return false;
    return (this.#uses.get(name) ?? []).every(
      (use) => use.node?.opType === operator && use.slot === 1 && use.depth === 0,
    );
  }

  #kept(done: ReadonlySet<NodeProto>): readonly KeptPart[] {
    const part = (node: NodeProto, reason: string): KeptPart => ({
      node: nodeKey(node),
      operator: node.opType ?? "",
      reason,
    });
    return this.#graph.node.flatMap((node) => {
      const inside = subgraphsOf(node)
        .flatMap((body) => [...allGraphs(body)])
        .flatMap((body) => body.node)
        .filter((one) => !plumbing.has(one.opType ?? "") && operatorKind(one) !== "carrier")
        .map((one) => part(one, "it is inside a branch or a loop, where no ranges are observed"));
      if (done.has(node)) return inside;
      const reason = this.#whyFloat(node);
      return reason === undefined ? inside : [part(node, reason), ...inside];
    });
  }

  #whyFloat(node: NodeProto): string | undefined {
    const refusal = this.#refusals.get(node);
    if (refusal !== undefined) return refusal;
    if (this.#exclude.has(nodeKey(node))) return "excluded";
    if (plumbing.has(node.opType ?? "")) return undefined;
    switch (operatorKind(node)) {
      case "arithmetic":
        return "it stands between float operators, where integers would only round";
      case "carrier":
        return undefined;
      case "compute":
      case undefined:
        return "onnxruntime has no integer kernel for it that would help";
    }
  }
}

function first(node: NodeProto): string {
  return node.output[0] ?? "";
}
