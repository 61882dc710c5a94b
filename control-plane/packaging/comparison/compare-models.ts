import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OperatorPair } from "../../domain/version-comparison/operator-counts.ts";
import { operatorDifferences, operatorPairs } from "../../domain/version-comparison/operator-counts.ts";
import { checkSamples } from "../samples/checked-samples.ts";
import type { SampleOptions } from "../samples/open-samples.ts";
import { openSamples } from "../samples/open-samples.ts";
import type { StreamSource } from "../../../proto/streams.ts";
import { mebibytes, seconds } from "../../../proto/units.ts";
import type { TaskMetric } from "../evaluation/task-metric.ts";
import { characterErrorRateMetric } from "../evaluation/text-metrics.ts";
import type { ModelChild } from "../model-child.ts";
import { startModelChild } from "../model-child.ts";
import { inspectModel } from "../onnx/inspect.ts";
import type { ModelInspection } from "../onnx/inspect.ts";
import { OnnxFormatError } from "../onnx/onnx-format-error.ts";
import { refusals } from "../onnx/refusals.ts";
import type { Progress } from "../progress.ts";
import { readModelFile } from "../read-model-file.ts";
import { tensorSpec } from "../variant-file.ts";
import type { ComparedModel } from "./compare-graphs.ts";
import { comparedModel, interfaceDifferences, operatorCounts } from "./compare-graphs.ts";
import type { RunComparison } from "./compare-runs.ts";
import { compareRuns } from "./compare-runs.ts";
import { OutputStreams } from "./output-streams.ts";

export interface ModelComparison {
  readonly a: ComparedModel;
  readonly b: ComparedModel;
  /** Where inputs and outputs differ, in words. */
  readonly interface: readonly string[];
  /** Those of which the two have another number, the largest difference first. */
  readonly operators: readonly OperatorPair[];
  /** Undefined without samples. */
  readonly runs: RunComparison | undefined;
}

/** The two cannot be compared, for the reasons. */
export class ComparisonError extends Error {
  override readonly name = "ComparisonError";
  readonly problems: readonly string[];

  constructor(message: string, problems: readonly string[] = [], options?: ErrorOptions) {
    super(message, options);
    this.problems = problems;
  }
}

export interface ComparisonOptions {
  /** Where the samples are that both are run on; without them only the files are compared. */
  readonly inputs: string | undefined;
  readonly samples: SampleOptions;
  /** Names of the classes in the order of the scores, where labels are names. */
  readonly classes: readonly string[];
  /** The symbols of a model that reads text, in the order of its scores without the blank; labels are then the right texts. */
  readonly alphabet: readonly string[] | undefined;
  /** What the manifests say of the two, where there are some: the distributions of the outputs are compared with them. */
  readonly sources?: { readonly a: StreamSource; readonly b: StreamSource } | undefined;
  /** The longest that one inference may take. */
  readonly runMs: number;
}

/** Compares two model files; each runs in a process of its own. Throws ComparisonError and SamplesError. */
export async function compareModels(
  a: string,
  b: string,
  options: ComparisonOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<ModelComparison> {
  const [readA, readB] = [await inspected(a, signal), await inspected(b, signal)];
  const [ofA, ofB] = [readA.inspection, readB.inspection];
  const files = {
    a: comparedModel(a, ofA),
    b: comparedModel(b, ofB),
    interface: interfaceDifferences(ofA, ofB),
    operators: operatorDifferences(operatorPairs(operatorCounts(ofA), operatorCounts(ofB))),
  };
  if (options.inputs === undefined) return { ...files, runs: undefined };
  for (const [file, model] of [
    [a, ofA],
    [b, ofB],
  ] as const) {
    const reasons = refusals(model);
    if (reasons.length > 0) throw new ComparisonError(`${file} is refused and therefore not run:`, reasons);
  }
  const outputs = ofA.outputs.map(tensorSpec);
  const samples = await openSamples(options.inputs, ofA.inputs.map(tensorSpec), { outputs, ...options.samples });
  // Before anything runs: a sample that does not fit would end a long comparison in its middle.
  for (const { inputs } of [ofA, ofB])
    await checkSamples(options.inputs, samples, inputs.map(tensorSpec), progress, signal);
  await using childA = await started(readA.bytes, options.runMs, signal);
  await using childB = await started(readB.bytes, options.runMs, signal);
  try {
    const metric = options.alphabet === undefined ? undefined : readingMetric(ofA, options.alphabet);
    const { classes, sources } = options;
    const streams = sources && new OutputStreams(sources.a, sources.b);
    const judges = { classes, metric, streams };
    return { ...files, runs: await compareRuns(childA, childB, samples, judges, progress, signal) };
  } finally {
    progress.end();
  }
}

interface ReadModel {
  readonly bytes: Uint8Array;
  readonly inspection: ModelInspection;
}

async function inspected(file: string, signal: AbortSignal): Promise<ReadModel> {
  try {
    const bytes = await readModelFile(file, signal);
    return { bytes, inspection: inspectModel(bytes) };
  } catch (cause) {
    if (!(cause instanceof OnnxFormatError)) throw cause;
    throw new ComparisonError(`${file} is not an ONNX model: ${cause.message}`, [], { cause });
  }
}

/**
 * The character error rate of the first output. The blank of CTC comes first, as in PaddleOCR, whose models know one symbol more than
 * their alphabet: the space, at its end.
 */
function readingMetric({ outputs }: ModelInspection, alphabet: readonly string[]): TaskMetric {
  const [output] = outputs;
  const symbols = output?.shape?.at(-1);
  if (output === undefined || typeof symbols !== "number")
    throw new ComparisonError("the first output of A does not say how many symbols it scores");
  if (symbols !== alphabet.length + 1 && symbols !== alphabet.length + 2)
    throw new ComparisonError(
      `"${output.name}" scores ${symbols} symbols; the alphabet has ${alphabet.length}, to which blank and space may come`,
    );
  const whole = ["", ...alphabet, ...(symbols === alphabet.length + 2 ? [" "] : [])];
  return characterErrorRateMetric({ output: output.name, alphabet: whole, blank: 0 });
}

/**
 * What was inspected is what runs: the bytes stand alone in a directory that is gone once they are loaded, because onnxruntime lets a
 * model read any file beside it. Loading takes four times the file at the most, beside the runtime itself.
 */
async function started(bytes: Uint8Array, runMs: number, signal: AbortSignal): Promise<ModelChild> {
  const directory = await mkdtemp(join(tmpdir(), "sedge-model-"));
  try {
    const file = join(directory, "model.onnx");
    await writeFile(file, bytes, { mode: 0o600 });
    const limits = { loadMs: seconds(60), runMs, memoryBytes: mebibytes(1024) + 8 * bytes.length };
    return await startModelChild(file, limits, signal);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
