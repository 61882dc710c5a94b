import type { Tensor } from "../../../proto/messages.ts";
import { tensorValues } from "../../../proto/tensor-value.ts";
import { mebibytes, seconds } from "../../../proto/units.ts";
import { withModelFile } from "../run-variant.ts";
import { startModelChild } from "../model-child.ts";
import { ModelRunError } from "../child-conversation.ts";
import type { SampleSet } from "../samples/sample-set.ts";

/** Enough to tell good settings from bad ones; the gate has samples of its own. */
const mostSamples = 24;

interface Case {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
}

/** How far a quantized model's outputs lie from those of the float model, on the first samples of a set. */
export class DistanceToFloat {
  readonly #cases: readonly Case[];
  readonly #signal: AbortSignal;

  private constructor(cases: readonly Case[], signal: AbortSignal) {
    this.#cases = cases;
    this.#signal = signal;
  }

  static async open(float: Uint8Array, samples: SampleSet, signal: AbortSignal): Promise<DistanceToFloat> {
    const inputs: (readonly Tensor[])[] = [];
    for (let i = 0; i < Math.min(samples.count, mostSamples); i++) inputs.push((await samples.read(i)).inputs);
    const outputs = await answersOf(float, inputs, signal);
    return new DistanceToFloat(
      inputs.map((one, i) => ({ inputs: one, outputs: outputs[i] as readonly Tensor[] })),
      signal,
    );
  }

  /**
   * √(Σ (a - b)² / Σ b²) over all outputs of all samples, each output weighing the same; infinite for a model that cannot be run.
   */
  async of(model: Uint8Array): Promise<number> {
    let answers: readonly (readonly Tensor[])[];
    try {
      answers = await answersOf(
        model,
        this.#cases.map(({ inputs }) => inputs),
        this.#signal,
      );
    } catch (error) {
      if (error instanceof ModelRunError) return Number.POSITIVE_INFINITY;
      throw error;
    }
    const sums = new Map<string, { error: number; size: number }>();
    for (const [i, { outputs }] of this.#cases.entries()) {
      const found = tensorValues(answers[i] ?? []);
      for (const [name, { data }] of tensorValues(outputs)) {
        const sum = sums.get(name) ?? { error: 0, size: 0 };
        sums.set(name, sum);
        const other = found.get(name)?.data;
        for (let k = 0; k < data.length; k++) {
          sum.error += ((other?.[k] ?? Number.NaN) - (data[k] as number)) ** 2;
          sum.size += (data[k] as number) ** 2;
        }
      }
    }
    const distances = [...sums.values()].map(({ error, size }) => (error === 0 ? 0 : Math.sqrt(error / size)));
    const mean = distances.reduce((sum, distance) => sum + distance, 0) / Math.max(1, distances.length);
    return Number.isNaN(mean) ? Number.POSITIVE_INFINITY : mean;
  }
}

async function answersOf(model: Uint8Array, inputs: readonly (readonly Tensor[])[], signal: AbortSignal) {
  const limits = { loadMs: seconds(60), runMs: seconds(60), memoryBytes: mebibytes(2_048) + 8 * model.length };
  return withModelFile(model, signal, async (file) => {
    await using child = await startModelChild(file, limits, signal);
    const answers: (readonly Tensor[])[] = [];
    for (const one of inputs) answers.push(await child.run(one));
    return answers;
  });
}
