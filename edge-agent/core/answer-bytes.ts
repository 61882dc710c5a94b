import { bytesPerElement } from "../../proto/codec/golden.ts";
import type { DimensionRange, TensorSpec } from "../../proto/manifest.ts";
import type { Tensor } from "../../proto/tensors.ts";
import { mebibytes } from "../../proto/units.ts";

/** How much a model may answer. */
export interface AnswerBound {
  /** How large free dimensions may be that no input determines. */
  readonly dimensions: readonly DimensionRange[];
  /** Whatever its outputs declare: what the models of the device may take together. */
  readonly mostBytes: number;
}

/** Where nothing is known of the device's memory. */
const unknownBound: AnswerBound = { dimensions: [], mostBytes: mebibytes(256) };

const tolerance = 2;
/**
 * Of what models may take together. Shapes that a model's file declares for its outputs are often wrong, a batch of 1 above all, and
 * the runtime does not mind: nobody's working model shall be ended for that.
 */
const alwaysAllowedShare = 1 / 8;

/**
 * The bytes that an answer to these inputs may have. The process of a model says how many it will send, and they must not be made room
 * for before it is asked whether the model can have so many. A free dimension is as large as that of the inputs with its name, or at
 * most as large as the manifest says; one that is neither makes any number of bytes possible up to the bound's own.
 *
 * Example: outputs float32["batch", 10], inputs with 4 for "batch", and models that may take 64 MiB: 2 × 160 bytes and 8 MiB.
 */
export function mostAnswerBytes(
  inputSpecs: readonly TensorSpec[],
  outputs: readonly TensorSpec[],
  inputs: readonly Tensor[],
  { dimensions, mostBytes }: AnswerBound = unknownBound,
): number {
  const sizeOf = (name: string): number => {
    for (const { name: input, shape } of inputSpecs) {
      const given = inputs.find((tensor) => tensor.name === input)?.dims[shape.indexOf(name)];
      if (given !== undefined) return given;
    }
    return dimensions.find((range) => range.name === name)?.max ?? Infinity;
  };
  let bytes = 0;
  for (const { dataType, shape } of outputs) {
    const sizes = shape.map((dimension) => (typeof dimension === "number" ? dimension : sizeOf(dimension)));
    // A dimension of 0 makes no bytes, whatever the free ones beside it are.
    bytes += sizes.includes(0) ? 0 : sizes.reduce((product, size) => product * size, bytesPerElement[dataType]);
  }
  return Math.min(mostBytes, Math.floor(tolerance * bytes + alwaysAllowedShare * mostBytes));
}
