import { intAttribute } from "../onnx/build.ts";
import type { FreshNames } from "../onnx/graph/fresh-names.ts";
import type { ModelProto } from "../onnx/model.ts";
import { dataTypeCode, rawTensor } from "../onnx/tensor.ts";
import type { FoundWeight, StoredWeight } from "./expand-weights.ts";
import { expandWeights } from "./expand-weights.ts";
import type { QuantizedWeights } from "./numbers.ts";
import { quantizeWeights } from "./numbers.ts";
import type { QuantizationOptions, QuantizedModel } from "./quantization.ts";
import { int8Name, scaleName } from "./stored-weight-names.ts";
import { unnamedNode } from "./unnamed-node.ts";
import { weightRole } from "./weight-role.ts";

/**
 * Constants this large are stand-ins for infinity (attention masks hold −3.4 × 10³⁸): scaled back from int8 they can overflow, and the
 * softmax of a row of infinities is NaN.
 */
const largestWeight = 1e30;

/** Where no operator says which dimension its channels are: those that have at least so many elements for each scale. */
const fewestElementsPerScale = 16;

/**
 * The model with its weights as int8, a quarter as large: `weight = Cast(weight_int8) × weight_scale`, one scale for each channel of
 * the node that reads it. onnxruntime computes that when it loads the model and runs in float32 as before. (A DequantizeLinear would
 * run at every inference.)
 *
 * The scale may stand along any dimension without changing the result, so nodes that share a weight and ask for different ones get the
 * one with the smaller squared error, and so does a weight whose readers are unknown.
 */
export function weightsInt8(model: ModelProto, options: QuantizationOptions): QuantizedModel {
  const { model: quantized, report } = expandWeights(model, options.exclude, {
    store: (weight, names) => asInt8(weight, names, options),
    fold: true,
  });
  if (!options.reduceRange) return { model: quantized, report };
  const notes = [...report.notes, "a reduced range changes nothing here: the weights are used as float32"];
  return { model: quantized, report: { ...report, notes } };
}

/** The weight as int8, and the nodes that give the float32 weight of the same name. */
export function asInt8(weight: FoundWeight, names: FreshNames, options: QuantizationOptions): StoredWeight {
  const { name, dims, values, readers } = weight;
  const roles = readers.map((reader) => weightRole(reader.node, reader.slot, dims.length));
  if (roles.every((role) => role.kind === "values"))
    return {
      kind: "kept",
      reason: `"${name}" is used element by element: a bias, a mask or a table, not a layer's weight`,
    };
  const tooLarge = values.find((value) => Math.abs(value) > largestWeight);
  if (tooLarge !== undefined && roles.every((role) => role.kind !== "weight"))
    return { kind: "kept", reason: `"${name}" holds ${tooLarge}: a mask, not a layer's weight` };
  const { axis, quantized, scales } = bestQuantization(weight, options);
  const scaleDims = axis === undefined ? [] : dims.map((dim, index) => (index === axis ? dim : 1));
  const stored = names.take(int8Name(name));
  const scale = names.take(scaleName(name));
  const unscaled = names.take(`${name}_unscaled`);
  return {
    kind: "smaller",
    initializers: [rawTensor(stored, dims, "int8", quantized), rawTensor(scale, scaleDims, "float32", scales)],
    nodes: [
      unnamedNode("Cast", [stored], [unscaled], [intAttribute("to", dataTypeCode("float32"))]),
      unnamedNode("Mul", [unscaled, scale], [name]),
    ],
  };
}

interface Candidate extends QuantizedWeights {
  readonly axis: number | undefined;
}

function bestQuantization(weight: FoundWeight, options: QuantizationOptions): Candidate {
  const { name, dims, values } = weight;
  const base = options.baseScales?.get(name);
  const candidates = axesFor(weight, options.perChannel).map((axis): Candidate => {
    return { axis, ...quantizeWeights(values, dims, { axis, bits: 8, base, name }) };
  });
  const [first, ...others] = candidates as [Candidate, ...Candidate[]];
  if (others.length === 0) return first;
  let best = { candidate: first, error: squaredError(first, weight) };
  for (const candidate of others) {
    const error = squaredError(candidate, weight);
    if (error < best.error) best = { candidate, error };
  }
  return best.candidate;
}

/** At least one. */
function axesFor({ dims, readers, values }: FoundWeight, perChannel: boolean): readonly (number | undefined)[] {
  if (!perChannel) return [undefined];
  const asked = readers.flatMap((reader) => {
    const role = weightRole(reader.node, reader.slot, dims.length);
    return role.kind === "weight" ? [role.axis] : [];
  });
  if (asked.length > 0) return [...new Set(asked)];
  const any = dims.flatMap((dim, axis) => (dim * fewestElementsPerScale <= values.length ? [axis] : []));
  return [undefined, ...any];
}

function squaredError({ axis, quantized, scales }: Candidate, { dims, values }: FoundWeight): number {
  const inner = axis === undefined ? values.length : dims.slice(axis + 1).reduce((all, dim) => all * dim, 1);
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    const scale = scales[Math.floor(i / inner) % scales.length] as number;
    sum += (scale * (quantized[i] as number) - (values[i] as number)) ** 2;
  }
  return sum;
}
