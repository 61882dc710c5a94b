import type { Manifest } from "../../proto/manifest.ts";
import type { GoldenSet } from "../../proto/tensors.ts";
import { seconds } from "../../proto/units.ts";
import type { Clock, InferenceWorker } from "./ports.ts";
import { InferenceError } from "./ports.ts";

/** A slow model is warm after a few inferences; a device that waits for it longer gains nothing. */
const longestWarmUpMs = seconds(2);

/**
 * Runs golden inputs until the worker has made as many inferences as the manifest asks for, `done` of them before. The first ones of
 * a model are slower, up to some hundred times in WebAssembly: no request should have to wait for them. What fails here shows again
 * when the first request comes, so only an aborted `signal` rejects. Answers how many it ran.
 */
export async function warmUp(
  worker: InferenceWorker,
  { cases }: GoldenSet,
  { warmUpRuns }: Pick<Manifest, "warmUpRuns">,
  done: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<number> {
  const until = clock.monotonic() + longestWarmUpMs;
  let runs = 0;
  while (done + runs < warmUpRuns && clock.monotonic() < until) {
    const next = cases[runs % cases.length];
    if (next === undefined) break;
    try {
      await worker.infer(next.inputs, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof InferenceError) break;
      throw error;
    }
    runs++;
  }
  return runs;
}
