import { mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Lineage, Scalar } from "../../../proto/manifest.ts";
import { limits } from "../../../proto/limits.ts";
import type { Progress } from "../progress.ts";
import { writeDirectoryAtomically, writeFileAtomically } from "../write-atomically.ts";
import { FetchError } from "./fetch-limited.ts";
import { nameOf } from "./model-name-of.ts";
import type { MlflowFile, MlflowModelVersion, MlflowRegistry, MlflowRun } from "./mlflow-registry.ts";
import type { MlflowReference } from "./mlflow-reference.ts";
import { readMlModel } from "./mlmodel.ts";
import { specSkeleton } from "./spec-skeleton.ts";

export interface Imported {
  readonly directory: string;
  /** Relative to the directory. */
  readonly model: string;
  readonly spec: string;
  readonly name: string;
  readonly version: string;
}

const descriptionFile = "MLmodel";
const specFile = "model.yaml";

/**
 * Brings a version of an MLflow model registry into a new directory: its files, and a specification for `sedge model push` in which
 * everything stands that MLflow knows. Rejects with FetchError; then there is no directory.
 */
export async function importMlflow(
  registry: MlflowRegistry,
  reference: MlflowReference,
  directory: string,
  progress: Progress,
  signal: AbortSignal,
): Promise<Imported> {
  const version = await registry.modelVersion(reference, signal);
  const run = version.runId === undefined ? undefined : await registry.run(version.runId, signal);
  const files = await registry.files(version, signal);
  if (!files.some(({ path }) => path === descriptionFile))
    throw new FetchError(`${version.artifactUri} has no ${descriptionFile} file: it is not a model that MLflow logged`);
  const name = nameOf(version.name);
  const number = version.version;
  let model = "";
  await writeDirectoryAtomically(
    directory,
    async (inside) => {
      await downloadAll(registry, files, inside, progress, signal);
      const described = readMlModel(await readFile(join(inside, descriptionFile), "utf8"));
      if (!files.some(({ path }) => path === described.data))
        throw new FetchError(`${descriptionFile} names ${described.data}, which is not among the files of the model`);
      model = described.data;
      const text = specSkeleton({
        name,
        version: number,
        modelFile: described.data,
        modelBytes: await readFile(join(inside, described.data)),
        description: version.description,
        source: version.artifactUri,
        lineage: lineageOf(version, run),
      });
      await writeFileAtomically(join(inside, specFile), Buffer.from(text), signal);
    },
    signal,
  );
  return { directory, model, spec: join(directory, specFile), name, version: number };
}

async function downloadAll(
  registry: MlflowRegistry,
  files: readonly MlflowFile[],
  directory: string,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  progress.begin("downloading the model", files.length);
  for (const [i, file] of files.entries()) {
    const path = join(directory, file.path);
    await mkdir(dirname(path), { recursive: true });
    await writeFileAtomically(path, await registry.download(file, limits.variantBytes, signal), signal);
    progress.advance(i + 1);
  }
  progress.end();
}

function lineageOf(version: MlflowModelVersion, run: MlflowRun | undefined): Lineage {
  const trainedAtMs = run?.endedAtMs ?? version.createdAtMs;
  return {
    parent: undefined,
    // MLflow's digests of data are its own short ones, not SHA-256: they stay part of the reference.
    trainingData: (run?.datasets ?? []).map(({ name, digest }) => ({
      reference: digest === undefined ? name : `${name} (${digest})`,
      digest: undefined,
    })),
    codeRevision: run?.tags["mlflow.source.git.commit"],
    hyperParameters: Object.fromEntries(
      Object.entries(run?.params ?? {}).map(([name, value]) => [name, scalarOf(value)]),
    ),
    metrics: run?.metrics ?? {},
    trainedBy: version.user ?? run?.tags["mlflow.user"],
    trainedAt: trainedAtMs === undefined ? undefined : new Date(trainedAtMs).toISOString(),
  };
}

/** MLflow keeps every parameter as text. */
function scalarOf(text: string): Scalar {
  if (text === "True" || text === "False") return text === "True";
  return /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text) ? Number(text) : text;
}
