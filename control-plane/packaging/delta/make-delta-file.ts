import { stat } from "node:fs/promises";
import { mebibytes, minutes } from "../../../proto/units.ts";
import { ChildConversation, forkChild, ModelRunError } from "../child-conversation.ts";
import { childProgram } from "../child-program.ts";
import type { DeltaAnswer, DeltaQuestion, DeltaReport } from "./delta-report.ts";

/** No delta was made, for the reason in the message. */
export class DeltaMakingError extends Error {
  override readonly name = "DeltaMakingError";
}

const timeLimitMs = minutes(30);

/**
 * Makes the delta that turns `base` into `target`, in a process of its own with limits, applies it as a check, and writes it to `out`,
 * which is there whole or not at all. Rejects with DeltaMakingError, or with the signal's reason.
 */
export async function makeDeltaFile(
  base: string,
  target: string,
  out: string,
  signal: AbortSignal,
): Promise<DeltaReport> {
  signal.throwIfAborted();
  const sizes = await Promise.all([base, target].map(async (path) => (await stat(path)).size));
  // Both files, the places of the base, the tensors in hand and the result.
  const memoryBytes = 12 * Math.max(...sizes) + mebibytes(512);
  const { file, execArgv } = childProgram(import.meta.url, "delta-child-program");
  const program = { file, execArgv: [...execArgv, `--max-old-space-size=${Math.ceil(memoryBytes / mebibytes(1))}`] };
  await using child = new ChildConversation<DeltaQuestion, DeltaAnswer>(forkChild(program), memoryBytes, signal);
  try {
    const { report } = await child.ask({ kind: "make", base, target, out }, timeLimitMs, "making the delta");
    return report;
  } catch (error) {
    if (error instanceof ModelRunError) throw new DeltaMakingError(error.message, { cause: error });
    throw error;
  }
}
