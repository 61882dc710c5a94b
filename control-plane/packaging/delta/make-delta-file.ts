import { fork } from "node:child_process";
import { stat } from "node:fs/promises";
import { minutes } from "../../../proto/units.ts";
import { childProgram } from "../child-program.ts";
import type { DeltaAnswer, DeltaReport } from "./delta-report.ts";

/** No delta was made, for the reason in the message. */
export class DeltaMakingError extends Error {
  override readonly name = "DeltaMakingError";
}

const timeLimitMs = minutes(30);
const lastWordsCharacters = 1_000;

/**
 * Makes the delta that turns `base` into `target`, in a process of its own, applies it as a check, and writes it to `out`, which is there
 * whole or not at all. Rejects with DeltaMakingError, or with the signal's reason.
 */
export async function makeDeltaFile(
  base: string,
  target: string,
  out: string,
  signal: AbortSignal,
): Promise<DeltaReport> {
  signal.throwIfAborted();
  const { file, execArgv } = childProgram(import.meta.url, "delta-child-program");
  const sizes = await Promise.all([base, target].map(async (path) => (await stat(path)).size));
  // Both files, the places of the base, the tensors in hand and the result.
  const memoryMiB = Math.ceil((12 * Math.max(...sizes)) / 1024 ** 2) + 512;
  const child = fork(file, [base, target, out], {
    execArgv: [...execArgv, `--max-old-space-size=${memoryMiB}`],
    env: {},
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let lastWords = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    lastWords = (lastWords + text).slice(-lastWordsCharacters);
  });
  const answer = await new Promise<DeltaAnswer | undefined>((resolve) => {
    const end = () => child.kill("SIGKILL");
    const timer = setTimeout(end, timeLimitMs);
    let said: DeltaAnswer | undefined;
    signal.addEventListener("abort", end, { once: true });
    child.once("message", (message: DeltaAnswer) => {
      said = message;
    });
    child.once("error", () => undefined);
    child.once("close", () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve(said);
    });
  });
  signal.throwIfAborted();
  if (answer?.kind === "made") return answer.report;
  throw new DeltaMakingError(
    answer === undefined ? `the process that makes the delta ended by itself: ${lastWords.trim()}` : answer.reason,
  );
}
