import { readFile } from "node:fs/promises";
import type { Clock, Logger } from "../core/ports.ts";
import type { ModelName } from "../../proto/ids.ts";
import { decodeNpy, rowOfNpy } from "../../proto/npy.ts";
import { seconds } from "../../proto/units.ts";
import type { LocalAgent } from "./local-agent.ts";
import { tensorFromArray } from "./tensor-from-array.ts";

export interface GeneratorInputOptions {
  readonly model: ModelName;
  /** A .npy file of rows: [N, …]. */
  readonly file: string;
  readonly ratePerSecond: number;
  /** Chooses the order of the rows: the same seed, the same order. */
  readonly seed: number;
  readonly agent: LocalAgent;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Stands in for a sensor: asks the model for one row after another at a fixed rate, until the signal ends it. */
export async function runGenerator(options: GeneratorInputOptions, signal: AbortSignal): Promise<void> {
  const { agent, clock, log, model } = options;
  const array = decodeNpy(await readFile(options.file));
  const rows = array.shape[0] ?? 0;
  if (rows === 0) throw new Error(`${options.file} has no rows`);
  const intervalMs = seconds(1) / options.ratePerSecond;
  let dueAt = clock.monotonic();
  let wasFailing = false;
  for (let turn = 0; !signal.aborted; turn++) {
    try {
      const spec = agent.describe(model)?.inputs[0];
      if (spec !== undefined)
        await agent.infer(model, [tensorFromArray(spec, rowOfNpy(array, rowAt(turn, rows, options.seed)))], signal);
      wasFailing = false;
    } catch (error) {
      if (signal.aborted) return;
      // Counted by the agent; one line says that it began.
      if (!wasFailing) log.warn({ model, error: String(error) }, "the generator's inferences fail");
      wasFailing = true;
    }
    // After a stall the generator does not catch up: a sensor does not either.
    dueAt = Math.max(dueAt + intervalMs, clock.monotonic());
    await clock.sleep(dueAt - clock.monotonic(), signal).catch(() => undefined);
  }
}

/**
 * Every row once in each round, in an order of the seed: steps of a number that has no divisor in common with `rows`.
 * Example: 10 rows and seed 1 begin at row 1 and step by 7: 1, 8, 5, 2, 9, 6, 3, 0, 7, 4.
 */
export function rowAt(turn: number, rows: number, seed: number): number {
  let step = Math.max(1, Math.floor(rows * 0.618) + (seed % rows));
  while (greatestCommonDivisor(step, rows) !== 1) step++;
  return (seed + (turn % rows) * step) % rows;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
