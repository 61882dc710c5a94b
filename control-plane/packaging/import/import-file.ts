import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { copyFile, mkdir, readFile, readdir, stat } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import type { Lineage } from "../../../proto/manifest.ts";
import { limits } from "../../../proto/limits.ts";
import { writeDirectoryAtomically, writeFileAtomically } from "../write-atomically.ts";
import { FetchError, fetchLimited } from "./fetch-limited.ts";
import type { Imported } from "./import-mlflow.ts";
import { nameOf } from "./model-name-of.ts";
import { readMlModel } from "./mlmodel.ts";
import { specSkeleton } from "./spec-skeleton.ts";

const specFile = "model.yaml";
const unknownLineage: Lineage = {
  parent: undefined,
  trainingData: [],
  codeRevision: undefined,
  hyperParameters: {},
  metrics: {},
  trainedBy: undefined,
  trainedAt: undefined,
};

/**
 * Brings an ONNX file from the web into a new directory, with a specification to complete. With `sha256` (64 hexadecimal digits) only
 * that very file is taken. Rejects with FetchError; then there is no directory.
 */
export async function importUrl(
  url: URL,
  sha256: string | undefined,
  directory: string,
  signal: AbortSignal,
): Promise<Imported> {
  const file = plainName(basename(decodeURIComponent(url.pathname)));
  return finished(directory, file, `${url.origin}${url.pathname}`, signal, async (inside) => {
    const path = join(inside, file);
    await writeFileAtomically(path, await fetchLimited(url, { bytes: limits.variantBytes, signal }), signal);
    const found = await sha256Of(path);
    if (sha256 !== undefined && found !== sha256.toLowerCase())
      throw new FetchError(`${url.origin}${url.pathname} has the SHA-256 ${found}, not ${sha256}`);
  });
}

/** The same from a directory: one that MLflow wrote (it has an MLmodel file), or one with a single .onnx file in it. */
export async function importDirectory(from: string, directory: string, signal: AbortSignal): Promise<Imported> {
  const data = await onnxFileIn(from);
  return finished(directory, data, undefined, signal, async (inside) => {
    await mkdir(dirname(join(inside, data)), { recursive: true });
    // Weights may lie in files beside the model.
    const folder = join(from, dirname(data));
    for (const entry of await readdir(folder, { withFileTypes: true }))
      if (entry.isFile()) await copyFile(join(folder, entry.name), join(inside, dirname(data), entry.name));
  });
}

async function finished(
  directory: string,
  model: string,
  source: string | undefined,
  signal: AbortSignal,
  fill: (inside: string) => Promise<void>,
): Promise<Imported> {
  const name = nameOf(basename(model, extname(model)));
  const version = "1";
  await writeDirectoryAtomically(
    directory,
    async (inside) => {
      await fill(inside);
      const modelBytes = await readFile(join(inside, model));
      const known = {
        name,
        version,
        modelFile: model,
        modelBytes,
        description: undefined,
        source,
        lineage: unknownLineage,
      };
      await writeFileAtomically(join(inside, specFile), Buffer.from(specSkeleton(known)), signal);
    },
    signal,
  );
  return { directory, model, spec: join(directory, specFile), name, version };
}

async function onnxFileIn(directory: string): Promise<string> {
  const description = await readFile(join(directory, "MLmodel"), "utf8").catch(() => undefined);
  if (description !== undefined) return readMlModel(description).data;
  const files = await readdir(directory).catch((cause: unknown) => {
    throw new FetchError(`${directory} cannot be read`, { cause });
  });
  const [first, ...others] = files.filter((file) => file.endsWith(".onnx"));
  if (first === undefined) throw new FetchError(`${directory} has neither an MLmodel file nor an .onnx file`);
  if (others.length > 0)
    throw new FetchError(
      `${directory} has ${others.length + 1} .onnx files: copy the one that is meant into a directory of its own`,
    );
  if (!(await stat(join(directory, first))).isFile()) throw new FetchError(`${join(directory, first)} is no file`);
  return first;
}

function plainName(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9._+-]/g, "-").replace(/^[.-]+/, "");
  return plain.endsWith(".onnx") ? plain : "model.onnx";
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest("hex");
}
