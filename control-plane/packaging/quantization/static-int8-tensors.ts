import type { FreshNames } from "../onnx/graph/fresh-names.ts";
import type { TensorProto } from "../onnx/model.ts";
import { rawTensor } from "../onnx/tensor.ts";
import { scaleAndZeroPoint } from "./numbers.ts";
import type { ActivationRange } from "./quantization.ts";
import { scaleName } from "./stored-weight-names.ts";

/** Scale and zero point of a uint8 activation: their names among the initializers, and what they are. */
export interface ActivationParameters {
  readonly scale: string;
  readonly zeroPoint: string;
  readonly scaleValue: number;
  readonly zeroPointValue: number;
}

/** The initializers that static quantization adds to a graph. */
export class StoredTensors {
  readonly added: TensorProto[] = [];
  readonly #names: FreshNames;
  readonly #zeros = new Map<string, string>();

  constructor(names: FreshNames) {
    this.#names = names;
  }

  /** Adds a tensor over the memory of `values`, under a name like `wanted`, and gives the name. */
  add(
    wanted: string,
    dims: readonly number[],
    type: "float32" | "int8" | "uint8" | "int32",
    values: ArrayBufferView,
  ): string {
    const name = this.#names.take(wanted);
    this.added.push(rawTensor(name, dims, type, values));
    return name;
  }

  addParameters(value: string, range: ActivationRange): ActivationParameters {
    const { scale, zeroPoint } = scaleAndZeroPoint(range.min, range.max, { type: "uint8", symmetric: false, bits: 8 });
    return {
      scale: this.add(scaleName(value), [], "float32", Float32Array.of(scale)),
      zeroPoint: this.add(`${value}_zero_point`, [], "uint8", Uint8Array.of(zeroPoint)),
      scaleValue: scale,
      zeroPointValue: zeroPoint,
    };
  }

  /** Weights and biases are symmetric: their zero points are zeros, shared by all of one length. */
  zeroPoints(type: "int8" | "int32", length: number | undefined): string {
    const wanted = `zero_points_${type}_${length ?? "scalar"}`;
    const known = this.#zeros.get(wanted);
    if (known !== undefined) return known;
    const values = type === "int8" ? new Int8Array(length ?? 1) : new Int32Array(length ?? 1);
    const name = this.add(wanted, length === undefined ? [] : [length], type, values);
    this.#zeros.set(wanted, name);
    return name;
  }
}
