import { InferenceSession, Tensor } from "onnxruntime-node";
import { encodeModel } from "../../control-plane/packaging/onnx/encode.ts";
import type { ModelProto } from "../../control-plane/packaging/onnx/model.ts";

/** Runs models in this process: only for models that the tests made or checked. */

export type Feeds = Readonly<Record<string, Tensor>>;

interface RunOptions {
  /** "disabled" shows what the model says; "all" is what devices do. */
  readonly optimization?: "disabled" | "basic" | "extended" | "all";
  /** Where onnxruntime writes the model as it runs it. */
  readonly optimizedFile?: string;
}

export async function openSession(model: ModelProto, options: RunOptions = {}): Promise<InferenceSession> {
  return await InferenceSession.create(encodeModel(model), {
    graphOptimizationLevel: options.optimization ?? "all",
    ...(options.optimizedFile === undefined ? {} : { optimizedModelFilePath: options.optimizedFile }),
    intraOpNumThreads: 1,
    logSeverityLevel: 4,
  });
}

export async function runOnnx(
  model: ModelProto,
  feeds: Feeds,
  options: RunOptions = {},
): Promise<Readonly<Record<string, Tensor>>> {
  const session = await openSession(model, options);
  try {
    return (await session.run({ ...feeds })) as Record<string, Tensor>;
  } finally {
    await session.release();
  }
}

export function float32(dims: readonly number[], values: Float32Array | readonly number[]): Tensor {
  return new Tensor("float32", Float32Array.from(values), dims);
}

/** Numbers in [-1, 1) that are the same in every run (a linear congruential generator: Numerical Recipes). */
export function pseudoRandom(count: number, seed: number): Float32Array {
  let state = seed >>> 0;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

/** A float32 tensor of pseudo-random values. */
export function randomTensor(dims: readonly number[], seed = 1): Tensor {
  return float32(
    dims,
    pseudoRandom(
      dims.reduce((all, dim) => all * dim, 1),
      seed,
    ),
  );
}
