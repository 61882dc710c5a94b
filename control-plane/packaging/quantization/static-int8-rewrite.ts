import { intAttribute } from "../onnx/build.ts";
import { intOf } from "../onnx/graph/attributes.ts";
import { dimsOf, floatsOf } from "../onnx/graph/floats-of.ts";
import { FreshNames } from "../onnx/graph/fresh-names.ts";
import { nodeKey } from "../onnx/graph/node-key.ts";
import type { GraphProto, ModelProto, NodeProto, TensorProto } from "../onnx/model.ts";
import { onnxMessage } from "../onnx/schema.ts";
import { dataTypeCode } from "../onnx/tensor.ts";
import { meanDrift } from "./bias-correction.ts";
import { quantizeWeights, roundHalfEven } from "./numbers.ts";
import type { ActivationRange, ActivationRanges, QuantizationOptions, QuantizedPart } from "./quantization.ts";
import { QuantizationError } from "./quantization.ts";
import { activationSlots } from "./static-int8-operators.ts";
import type { StaticPlan } from "./static-int8-plan.ts";
import type { ActivationParameters } from "./static-int8-tensors.ts";
import { StoredTensors } from "./static-int8-tensors.ts";
import { quantizeNodeWeights } from "./static-int8-weights.ts";
import { int8Name, scaleName } from "./stored-weight-names.ts";

/**
 * Writes a plan into the graph as pairs of QuantizeLinear (Q) and DequantizeLinear (DQ), the form that onnxruntime turns into integer
 * kernels: a quantized node reads DQs only, and the Q alone reads what it writes. Behind a quantized node the DQ therefore takes over
 * the value's name, so that every other reader (float nodes, bodies of loops, the graph's outputs) goes on as before; behind a float node
 * and a graph input only quantized nodes read the DQ, and float nodes the unrounded value.
 */
export class StaticRewrite {
  readonly quantized: QuantizedPart[] = [];
  readonly #graph: GraphProto;
  readonly #plan: StaticPlan;
  readonly #ranges: ActivationRanges;
  readonly #options: QuantizationOptions;
  /** The domain of QuantizeLinear and DequantizeLinear. */
  readonly #domain: string;
  readonly #names: FreshNames;
  readonly #constants: ReadonlyMap<string, TensorProto>;
  readonly #tensors: StoredTensors;
  readonly #nodes: NodeProto[] = [];
  readonly #parameters = new Map<string, ActivationParameters>();
  /** The DQ that quantized nodes read, by value. */
  readonly #dequantized = new Map<string, string>();
  /** The DQ of a weight or of a constant in the place of an activation. */
  readonly #constantsDone = new Map<string, string>();

  constructor(
    model: ModelProto,
    graph: GraphProto,
    plan: StaticPlan,
    ranges: ActivationRanges,
    options: QuantizationOptions,
    domain: string,
  ) {
    this.#graph = graph;
    this.#plan = plan;
    this.#ranges = ranges;
    this.#options = options;
    this.#domain = domain;
    this.#names = new FreshNames(model);
    this.#tensors = new StoredTensors(this.#names);
    this.#constants = new Map(graph.initializer.map((tensor) => [tensor.name ?? "", tensor]));
  }

  graph(): GraphProto {
    for (const input of this.#graph.input) this.#quantizeFloat(input.name ?? "");
    for (const node of this.#graph.node) {
      if (this.#plan.absorbed.has(node)) continue;
      if (this.#plan.nodes.has(node)) this.#quantizedNode(node);
      else {
        this.#nodes.push(this.#plan.shrunk.has(node) ? this.#withSmallWeights(node) : node);
        for (const output of node.output) this.#quantizeFloat(output);
      }
    }
    return { ...this.#graph, node: this.#nodes, initializer: [...this.#graph.initializer, ...this.#tensors.added] };
  }

  #quantizeFloat(value: string): void {
    if (!this.#plan.values.has(value)) return;
    const parameters = this.#parametersOf(value);
    const integers = this.#node(
      "QuantizeLinear",
      [value, parameters.scale, parameters.zeroPoint],
      `${value}_quantized`,
    );
    this.#dequantized.set(
      value,
      this.#node("DequantizeLinear", [integers, parameters.scale, parameters.zeroPoint], `${value}_dequantized`),
    );
  }

  #quantizedNode(node: NodeProto): void {
    const input = [...node.input];
    const weights: string[] = [];
    for (const slot of activationSlots(node)) {
      const name = input[slot] ?? "";
      if (!this.#constants.has(name)) input[slot] = this.#dequantized.get(name) ?? name;
      else if (!this.#isWeight(node, slot)) input[slot] = this.#constantActivation(name);
    }
    const weight = ["Conv", "Gemm", "MatMul"].includes(node.opType ?? "")
      ? this.#constants.get(node.input[1] ?? "")
      : undefined;
    if (weight !== undefined) {
      weights.push(weight.name ?? "");
      this.#weightsOf(node, weight, input);
    }
    const result = this.#plan.resultOf(node);
    const isQuantized = this.#plan.values.has(result);
    const raw = isQuantized ? this.#names.take(`${result}_raw`) : result;
    this.#nodes.push({ ...node, input, output: [raw, ...node.output.slice(1)] });
    if (isQuantized) this.#takeOver(raw, result);
    this.quantized.push({ node: nodeKey(node), operator: node.opType ?? "", weights });
  }

  /**
   * int8 weights that Cast and Mul expand when the model is loaded: a node without integer kernel is as fast as before, and smaller.
   * (DequantizeLinear would be computed at every inference.)
   */
  #withSmallWeights(node: NodeProto): NodeProto {
    const [x = "", name = "", ...rest] = node.input;
    const expanded = this.#once(`expanded ${name}`, () => {
      const tensor = this.#constants.get(name) as TensorProto;
      const dims = dimsOf(tensor);
      const axis = this.#options.perChannel ? (node.opType === "Conv" ? 0 : 1) : undefined;
      const { quantized, scales } = quantizeWeights(floatsOf(tensor), dims, {
        axis,
        bits: this.#options.reduceRange ? 7 : 8,
        base: this.#options.baseScales?.get(name),
        name,
      });
      const scaleDims = axis === undefined ? [] : dims.map((dim, index) => (index === axis ? dim : 1));
      const integers = this.#tensors.add(int8Name(name), dims, "int8", quantized);
      const scale = this.#tensors.add(scaleName(name), scaleDims, "float32", scales);
      const cast = this.#node("Cast", [integers], `${name}_cast`, [intAttribute("to", dataTypeCode("float32"))]);
      return this.#node("Mul", [cast, scale], `${name}_dequantized`);
    });
    this.quantized.push({ node: nodeKey(node), operator: node.opType ?? "", weights: [name] });
    return { ...node, input: [x, expanded, ...rest] };
  }

  #takeOver(raw: string, value: string): void {
    const { scale, zeroPoint } = this.#parametersOf(value);
    const integers = this.#node("QuantizeLinear", [raw, scale, zeroPoint], `${value}_quantized`);
    this.#push("DequantizeLinear", [integers, scale, zeroPoint], value);
    this.#dequantized.set(value, value);
  }

  #isWeight(node: NodeProto, slot: number): boolean {
    return node.opType === "MatMul" && slot === 1;
  }

  /** Replaces weight and bias among the inputs. */
  #weightsOf(node: NodeProto, weight: TensorProto, input: string[]): void {
    const dims = dimsOf(weight);
    const axis = this.#options.perChannel ? weightAxis(node, dims.length) : undefined;
    const channels = axis === undefined ? weightChannels(node, dims) : (dims[axis] as number);
    const name = weight.name ?? "";
    const bias = node.opType === "MatMul" ? undefined : this.#biasOf(node, channels);
    const values = floatsOf(weight);
    const quantized = quantizeNodeWeights({
      name,
      values,
      dims,
      axis,
      bits: this.#options.reduceRange ? 7 : 8,
      base: this.#options.baseScales?.get(name),
      bias,
      inputScale: this.#parametersOf(node.input[0] ?? "").scaleValue,
      driftOf: (integers, scales) => {
        const means = this.#ranges.get(node.input[0] ?? "")?.channelMeans;
        return means === undefined ? undefined : meanDrift(node, dims, { values, integers, scales }, means);
      },
    });
    const key = `weight ${axis ?? "all"} ${name} ${quantized.isShareable ? "" : nodeKey(node)}`;
    input[1] = this.#once(key, () =>
      this.#dequantizedConstant(int8Name(name), scaleName(name), { ...quantized, dims, axis, type: "int8" }, name),
    );
    if (quantized.bias === undefined) return;
    const biasName = node.input[2] ?? "";
    const stored = {
      ...quantized.bias,
      dims: [channels],
      axis: axis === undefined ? undefined : 0,
      type: "int32",
    } as const;
    input[2] = this.#dequantizedConstant(`${biasName}_int32`, scaleName(biasName), stored, biasName);
  }

  #biasOf(node: NodeProto, channels: number): Float32Array | undefined {
    const tensor = this.#constants.get(node.input[2] ?? "");
    if (tensor === undefined) return undefined;
    const values = floatsOf(tensor);
    return values.length === channels ? values : new Float32Array(channels).fill(values[0] ?? 0);
  }

  #dequantizedConstant(
    integersName: string,
    scalesName: string,
    stored: {
      readonly quantized: Int8Array | Int32Array;
      readonly scales: Float32Array;
      readonly dims: readonly number[];
      readonly axis: number | undefined;
      readonly type: "int8" | "int32";
    },
    source: string,
  ): string {
    const { quantized, scales, dims, axis, type } = stored;
    const scaleDims = axis === undefined ? [] : [scales.length];
    const integers = this.#tensors.add(integersName, dims, type, quantized);
    const scale = this.#tensors.add(scalesName, scaleDims, "float32", scales);
    const zero = this.#tensors.zeroPoints(type, axis === undefined ? undefined : scales.length);
    const attributes = axis === undefined ? [] : [intAttribute("axis", axis)];
    return this.#node("DequantizeLinear", [integers, scale, zero], `${source}_dequantized`, attributes);
  }

  /** A constant where others have an activation (the left factor of a MatMul, a part of a Concat): uint8, over the range of its values. */
  #constantActivation(name: string): string {
    return this.#once(`constant ${name}`, () => {
      const tensor = this.#constants.get(name) as TensorProto;
      const values = floatsOf(tensor);
      const range = {
        min: values.reduce((least, value) => Math.min(least, value), 0),
        max: values.reduce((most, value) => Math.max(most, value), 0),
      };
      const { scale, zeroPoint, scaleValue, zeroPointValue } = this.#tensors.addParameters(name, range);
      const integers = Uint8Array.from(values, (value) =>
        Math.max(0, Math.min(255, roundHalfEven(Math.fround(value / scaleValue)) + zeroPointValue)),
      );
      const stored = this.#tensors.add(`${name}_uint8`, dimsOf(tensor), "uint8", integers);
      return this.#node("DequantizeLinear", [stored, scale, zeroPoint], `${name}_dequantized`);
    });
  }

  #parametersOf(value: string): ActivationParameters {
    const source = this.#plan.rangeSourceOf(value);
    const parameters = this.#parameters.get(source) ?? this.#tensors.addParameters(source, this.#rangeOf(source));
    this.#parameters.set(source, parameters);
    return parameters;
  }

  #rangeOf(value: string): ActivationRange {
    const { known, within } = this.#plan.limitsOf(value);
    const range = known ?? this.#ranges.get(value);
    if (range === undefined) throw new QuantizationError(`no range is known for "${value}": calibrate the model again`);
    if (within === undefined) return range;
    return { min: Math.max(range.min, within.min), max: Math.min(range.max, within.max) };
  }

  #once(key: string, make: () => string): string {
    const name = this.#constantsDone.get(key) ?? make();
    this.#constantsDone.set(key, name);
    return name;
  }

  #node(opType: string, input: readonly string[], wanted: string, attribute: NodeProto["attribute"] = []): string {
    const output = this.#names.take(wanted);
    this.#push(opType, input, output, attribute);
    return output;
  }

  #push(opType: string, input: readonly string[], output: string, attribute: NodeProto["attribute"] = []): void {
    const name = this.#names.take(`${opType}_${output}`);
    const domain =
      this.#domain !== "" && ["QuantizeLinear", "DequantizeLinear"].includes(opType) ? { domain: this.#domain } : {};
    this.#nodes.push(onnxMessage("Node", { opType, name, input, output: [output], attribute, ...domain }));
  }
}

/** The dimension of the output channels, where onnxruntime's integer kernels take a scale for each. */
function weightAxis(node: NodeProto, rank: number): number | undefined {
  switch (node.opType ?? "") {
    case "Conv":
      return 0;
    case "Gemm":
      return intOf(node, "transB", 0) === 0 ? 1 : 0;
    case "MatMul":
      // A stack of matrices has one scale for all.
      return rank === 2 ? 1 : undefined;
    default:
      return undefined;
  }
}

function weightChannels(node: NodeProto, dims: readonly number[]): number {
  return dims[weightAxis(node, 2) ?? 0] as number;
}
