import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Clock, Logger } from "../core/ports.ts";
import { QueueFullError } from "../core/inference-queue.ts";
import { ModelUnavailableError } from "../core/inference-call.ts";
import { InferenceError } from "../core/ports.ts";
import { SequencesFullError } from "../core/sequence-states.ts";
import type { ModelName } from "../../proto/ids.ts";
import { mebibytes } from "../../proto/units.ts";
import { FileTooLargeError, noSpaceOr, readWhole } from "../adapters/node/durable-files.ts";
import type { LocalAgent } from "./local-agent.ts";
import { decodeNpy, NpyFormatError } from "../../proto/npy.ts";
import type { InferRequest } from "./inference-protocol/read-infer-request.ts";
import { readInferRequest } from "./inference-protocol/read-infer-request.ts";
import { OutputRequestError, writeInferResponse } from "./inference-protocol/write-infer-response.ts";
import { ownSequenceOf } from "./own-sequence.ts";
import { tensorFromArray } from "./tensor-from-array.ts";

export interface DirectoryInputOptions {
  readonly model: ModelName;
  readonly path: string;
  readonly agent: LocalAgent;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A look at the directory costs little, works on every file system, and misses nothing; a watch of the kernel does not promise that. */
const pollMs = 250;
const maxFileBytes = mebibytes(64);
/** Read as JSON, a number of two bytes takes eight. */
const maxJsonBytes = mebibytes(16);
const resultEnding = ".result.json";
const allAsJson = { outputs: undefined, binaryOutputs: false };

type Input = Pick<InferRequest, "inputs" | "sequence">;

/** The file itself is wrong: asking again would not help. */
class BadInputError extends Error {
  override readonly name = "BadInputError";
}

/**
 * Takes `NAME.npy` (one tensor) and `NAME.json` (a request of the Open Inference Protocol) from a directory, writes
 * `NAME.result.json` beside it and removes the input. A file that can never be answered goes to `rejected/` with its reason in
 * `NAME.reason.txt`. An application writes its file under another ending and renames it, so that no half of it is read.
 */
export async function runDirectoryInput(options: DirectoryInputOptions, signal: AbortSignal): Promise<void> {
  await mkdir(options.path, { recursive: true });
  while (!signal.aborted) {
    try {
      for (const name of await inputsIn(options.path)) {
        if (signal.aborted) return;
        if (!(await take(options, name, signal))) break;
      }
    } catch (error) {
      if (signal.aborted) return;
      options.log.error({ path: options.path, error: String(error) }, "the input directory cannot be worked on");
    }
    await options.clock.sleep(pollMs, signal).catch(() => undefined);
  }
}

async function inputsIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && /\.(npy|json)$/.test(entry.name) && !entry.name.endsWith(resultEnding))
    .map((entry) => entry.name)
    .toSorted();
}

/** False when the model cannot answer now: the files wait. */
async function take(options: DirectoryInputOptions, name: string, signal: AbortSignal): Promise<boolean> {
  const { agent, model, path, log } = options;
  const file = join(path, name);
  try {
    const read = await readInputs(options, file);
    if (read === undefined) return false;
    // The files of one directory are one sequence, in the order of their names, where they do not say otherwise.
    const step = read.sequence ?? ownSequenceOf(agent, model, `directory ${path}`);
    const { outputs, version, sequence } = await agent.infer(model, read.inputs, signal, step && { sequence: step });
    const answer = writeInferResponse({ model, version, id: name, outputs, sequence }, allAsJson);
    await writeResult(join(path, resultName(name)), answer.json);
    await rm(file);
    return true;
  } catch (error) {
    signal.throwIfAborted();
    if (
      error instanceof ModelUnavailableError ||
      error instanceof QueueFullError ||
      error instanceof SequencesFullError
    )
      return false;
    const isFinal =
      error instanceof BadInputError ||
      error instanceof OutputRequestError ||
      (error instanceof InferenceError && error.class !== "worker-lost");
    if (!isFinal) throw error;
    log.warn({ file, error: error.message }, "an input file was rejected");
    await reject(path, name, error.message);
    return true;
  }
}

/** Undefined while the device does not have the model. */
async function readInputs(options: DirectoryInputOptions, file: string): Promise<Input | undefined> {
  const bytes = await readWhole(file, file.endsWith(".json") ? maxJsonBytes : maxFileBytes).catch(tooLarge);
  if (file.endsWith(".json")) return requestInJson(bytes);
  const spec = options.agent.describe(options.model)?.inputs[0];
  if (spec === undefined) return undefined;
  try {
    return { inputs: [tensorFromArray(spec, decodeNpy(bytes))], sequence: undefined };
  } catch (error) {
    if (error instanceof NpyFormatError) throw new BadInputError(error.message, { cause: error });
    throw error;
  }
}

function tooLarge(error: unknown): never {
  throw error instanceof FileTooLargeError ? new BadInputError(error.message, { cause: error }) : error;
}

function requestInJson(bytes: Buffer): Input {
  const request = readInferRequest(bytes, undefined);
  if (request.ok) return request.value;
  throw new BadInputError(request.problems.join("; "));
}

/** `a.npy` and `a.json` give results of their own. */
function resultName(name: string): string {
  return name.endsWith(".npy") ? `${name.slice(0, -".npy".length)}${resultEnding}` : `${name}${resultEnding}`;
}

/** Whoever waits for the result finds all of it or none. */
async function writeResult(path: string, result: string): Promise<void> {
  const temporary = `${path}.tmp`;
  try {
    await writeFile(temporary, `${result}\n`);
    await rename(temporary, path);
  } catch (error) {
    throw noSpaceOr(error, `${path} could not be written`);
  }
}

async function reject(path: string, name: string, reason: string): Promise<void> {
  const rejected = join(path, "rejected");
  await mkdir(rejected, { recursive: true });
  await writeFile(join(rejected, `${name}.reason.txt`), `${reason}\n`);
  await rename(join(path, name), join(rejected, name));
}
