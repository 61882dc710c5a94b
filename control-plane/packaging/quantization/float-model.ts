import { bytesPerElement } from "../../../proto/codec/golden.ts";
import type { TensorSpec } from "../../../proto/manifest.ts";
import type { Tensor } from "../../../proto/tensors.ts";
import { mebibytes, seconds } from "../../../proto/units.ts";
import { ModelRunError } from "../child-conversation.ts";
import { startModelChild } from "../model-child.ts";
import { withModelFile } from "../run-variant.ts";
import type { SampleSet } from "../samples/sample-set.ts";
import { DistanceToFloat } from "./distance-to-float.ts";
import { QuantizationError } from "./quantization.ts";

/** The float model, as something that quantized ones are held against. */
export interface FloatModel {
  /**
   * Runs a quantized model. Answers the relative error of its outputs (DistanceToFloat); undefined without samples. Rejects with
   * QuantizationError when onnxruntime cannot run it.
   */
  errorOf(quantized: Uint8Array): Promise<number | undefined>;
}

/**
 * Runs the float model once, on samples where there are any and on zeros otherwise, with free dimensions of 1. A model need not be able
 * to run on those: then a quantized one must only load. Rejects with QuantizationError when onnxruntime cannot load or run it.
 */
export async function openFloatModel(
  bytes: Uint8Array,
  inputs: readonly TensorSpec[],
  samples: SampleSet | undefined,
  signal: AbortSignal,
): Promise<FloatModel> {
  if (samples === undefined) {
    const runsOnZeros = await ranOnZeros(bytes, inputs, signal).catch(refusing("the float model"));
    return {
      async errorOf(quantized) {
        const ran = await ranOnZeros(quantized, inputs, signal).catch(refusing("the quantized model"));
        if (runsOnZeros === undefined && ran !== undefined) refusing("the quantized model")(ran);
        return undefined;
      },
    };
  }
  const distance = await DistanceToFloat.open(bytes, samples, signal).catch(refusing("the float model"));
  return {
    async errorOf(quantized) {
      const error = await distance.relativeError(quantized).catch(refusing("the quantized model"));
      if (Number.isFinite(error)) return error;
      throw new QuantizationError(
        `the quantized model gives outputs of another size, or that are no numbers, where the float model does not; ${advice}`,
      );
    },
  };
}

/** Undefined when the model ran; why not when it only loaded. Rejects with ModelRunError when it cannot even be loaded. */
async function ranOnZeros(
  model: Uint8Array,
  inputs: readonly TensorSpec[],
  signal: AbortSignal,
): Promise<ModelRunError | undefined> {
  const limits = { loadMs: seconds(60), runMs: seconds(60), memoryBytes: mebibytes(2_048) + 8 * model.length };
  return withModelFile(model, signal, async (file) => {
    await using child = await startModelChild(file, limits, signal);
    try {
      await child.run(inputs.map(zeros));
      return undefined;
    } catch (error) {
      if (error instanceof ModelRunError) return error;
      throw error;
    }
  });
}

function zeros({ name, dataType, shape }: TensorSpec): Tensor {
  const dims = shape.map((size) => (typeof size === "number" && size > 0 ? size : 1));
  const bytes = dims.reduce((product, size) => product * size, bytesPerElement[dataType]);
  return { name, dataType, dims, rawData: new Uint8Array(bytes) };
}

const advice = "leave nodes in float with --exclude, or take another method";

function refusing(what: "the float model" | "the quantized model"): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof ModelRunError)) throw error;
    const then = what === "the float model" ? "" : `; the float model runs: ${advice}`;
    throw new QuantizationError(`onnxruntime cannot run ${what}: ${error.message}${then}`, { cause: error });
  };
}
