import type { Measurement } from "../../../proto/manifest.ts";
import type { Tensor } from "../../../proto/tensors.ts";
import { seconds } from "../../../proto/units.ts";
import type { ModelChild } from "../model-child.ts";
import type { Processor } from "../processor.ts";

const rounds = 20;
const warmUpRuns = 3;
/** Inferences of one round: enough that a fast model is not measured by the clock's steps, and that a slow one takes its turn. */
const roundMs = 25;
const mostRunsOfRound = 200;
const mostTimeMs = seconds(60);

export type Timed = Pick<Measurement, "p50Ms" | "p95Ms" | "loadMs" | "peakMemoryBytes" | "runs">;

/**
 * Times models in turns, some inferences of each in every round, so that a busy moment of the machine meets all of them. Times are
 * measured inside the children. In the order of the models.
 */
export async function measureLatency(
  models: readonly ModelChild[],
  inputs: readonly Tensor[],
  advance: (round: number, of: number) => void,
): Promise<readonly Timed[]> {
  const runsOf: number[] = [];
  for (const model of models) {
    const warm = await model.time(inputs, warmUpRuns);
    const last = Math.max(warm.at(-1) ?? 0, 0.001);
    runsOf.push(Math.max(1, Math.min(mostRunsOfRound, Math.round(roundMs / last))));
  }
  const times = models.map((): number[] => []);
  const startedAt = performance.now();
  for (let round = 0; round < rounds && performance.now() - startedAt < mostTimeMs; round++) {
    for (const [i, model] of models.entries()) times[i]?.push(...(await model.time(inputs, runsOf[i] as number)));
    advance(round + 1, rounds);
  }
  return Promise.all(
    models.map(async (model, i): Promise<Timed> => {
      const sorted = (times[i] as number[]).toSorted((a, b) => a - b);
      return {
        p50Ms: quantile(sorted, 0.5),
        p95Ms: quantile(sorted, 0.95),
        loadMs: model.loadMs,
        peakMemoryBytes: (await model.peakMemoryBytes()) ?? 0,
        runs: sorted.length,
      };
    }),
  );
}

export function measurementOf(timed: Timed, processor: Processor, runtime: string): Measurement {
  const { architecture, cpuFlags, name } = processor;
  return { architecture, cpuFlags, processor: name, runtime, ...timed };
}

/** Nearest rank. */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0;
}
