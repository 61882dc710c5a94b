import type { Tensor } from "../../../proto/tensors.ts";
import { tensorValues } from "../../../proto/tensor-value.ts";
import { mebibytes, seconds } from "../../../proto/units.ts";
import { ModelRunError } from "../child-conversation.ts";
import type { ModelChild } from "../model-child.ts";
import { startModelChild } from "../model-child.ts";
import { withModelFile } from "../run-variant.ts";
import type { SampleSet } from "../samples/sample-set.ts";

/** Enough to tell good settings from bad ones; the gate has samples of its own. */
const mostSamples = 24;
/** Inputs and outputs of the float model are kept up to about this size. */
const mostBytes = mebibytes(256);

interface Case {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
}

/** How far a quantized model's outputs lie from those of the float model, on some samples from all over a set. */
export class DistanceToFloat {
  readonly #cases: readonly Case[];
  readonly #signal: AbortSignal;

  private constructor(cases: readonly Case[], signal: AbortSignal) {
    this.#cases = cases;
    this.#signal = signal;
  }

  /** Rejects with ModelRunError when the float model cannot be run. */
  static async open(float: Uint8Array, samples: SampleSet, signal: AbortSignal): Promise<DistanceToFloat> {
    const count = Math.min(samples.count, mostSamples);
    const cases: Case[] = [];
    let bytes = 0;
    await withChild(float, signal, async (child) => {
      for (let i = 0; i < count && bytes < mostBytes; i++) {
        // Samples often come class by class: the first ones alone would not do.
        const { inputs } = await samples.read(Math.floor((i * samples.count) / count));
        const outputs = await child.run(inputs);
        cases.push({ inputs, outputs });
        for (const { rawData } of [...inputs, ...outputs]) bytes += rawData.length;
      }
    });
    return new DistanceToFloat(cases, signal);
  }

  /** As relativeError; infinite for a model that cannot be run. */
  async of(model: Uint8Array): Promise<number> {
    try {
      return await this.relativeError(model);
    } catch (error) {
      if (error instanceof ModelRunError) return Number.POSITIVE_INFINITY;
      throw error;
    }
  }

  /**
   * √(Σ (a - b)² / Σ b²) of each output, b being the float model's, over all samples, and the mean of those. Infinite where an output is
   * missing, of another size, or no number; but what is infinite or no number in the float model may be so in the other one too, as the
   * logarithm of nothing is. Rejects with ModelRunError.
   *
   * Example: [3, 4] where the float model says [3, 5] is √(1 / 34) = 0.17 away.
   */
  async relativeError(model: Uint8Array): Promise<number> {
    const sums = new Map<string, { error: number; size: number }>();
    await withChild(model, this.#signal, async (child) => {
      for (const { inputs, outputs } of this.#cases) addErrors(sums, outputs, await child.run(inputs));
    });
    const errors = [...sums.values()].map(({ error, size }) => (error === 0 ? 0 : Math.sqrt(error / size)));
    const mean = errors.reduce((sum, error) => sum + error, 0) / Math.max(1, errors.length);
    return Number.isNaN(mean) ? Number.POSITIVE_INFINITY : mean;
  }
}

function addErrors(
  sums: Map<string, { error: number; size: number }>,
  expected: readonly Tensor[],
  found: readonly Tensor[],
): void {
  const values = tensorValues(found);
  for (const [name, { data }] of tensorValues(expected)) {
    const sum = sums.get(name) ?? { error: 0, size: 0 };
    sums.set(name, sum);
    const other = values.get(name)?.data;
    if (other?.length !== data.length) sum.error = Number.NaN;
    else
      for (let i = 0; i < data.length; i++) {
        const right = data[i] as number;
        if (!Object.is(other[i], right)) sum.error += ((other[i] as number) - right) ** 2;
        if (Number.isFinite(right)) sum.size += right ** 2;
      }
  }
}

async function withChild(
  model: Uint8Array,
  signal: AbortSignal,
  use: (child: ModelChild) => Promise<void>,
): Promise<void> {
  const limits = { loadMs: seconds(60), runMs: seconds(60), memoryBytes: mebibytes(2_048) + 8 * model.length };
  await withModelFile(model, signal, async (file) => {
    await using child = await startModelChild(file, limits, signal);
    await use(child);
  });
}
