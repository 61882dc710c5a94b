import { stat } from "node:fs/promises";
import { FetchError } from "../packaging/import/fetch-limited.ts";
import { importDirectory, importUrl } from "../packaging/import/import-file.ts";
import type { Imported } from "../packaging/import/import-mlflow.ts";
import { importMlflow } from "../packaging/import/import-mlflow.ts";
import { importPackage, kindOfSource } from "../packaging/import/import-package.ts";
import { parseMlflowReference } from "../packaging/import/mlflow-reference.ts";
import { openMlflowRegistry } from "../packaging/import/mlflow-registry.ts";
import { CommandError, exitCodes, usageError } from "./exit-codes.ts";
import { progressBar } from "./progress-bar.ts";
import type { Session } from "./session.ts";
import { trustedKeys } from "./trusted-keys.ts";

export interface ImportOptions {
  readonly out: string;
  readonly sha256?: string;
  readonly key?: readonly string[];
}

export async function importModel(session: Session, source: string, options: ImportOptions): Promise<void> {
  refuseMistakes(source, options);
  if ((await stat(options.out).catch(() => undefined)) !== undefined)
    throw usageError(`${options.out} is there already: name a directory that is not`);
  const kind = isDirectoryName(source) ? await kindOfSource(source) : "other";
  if (kind !== "other") return importPacked(session, source, kind, options);
  const imported = await importFrom(session, source, options);
  session.show(imported, () => `${imported.spec}\n`);
  session.tell(
    `Complete ${imported.spec} (what the outputs mean, and samples), then: sedge model push ${imported.spec}`,
  );
}

function isDirectoryName(source: string): boolean {
  return !/^(?:models|https?):/.test(source);
}

function refuseMistakes(source: string, { sha256, key }: ImportOptions): void {
  if (sha256 !== undefined && !/^[0-9a-f]{64}$/i.test(sha256)) throw usageError("--sha256 takes 64 hexadecimal digits");
  if (sha256 !== undefined && !/^https?:/.test(source)) throw usageError("--sha256 goes with an http(s) address");
  if (key !== undefined && !isDirectoryName(source)) throw usageError("--key goes with a packed model");
}

async function importPacked(
  session: Session,
  source: string,
  kind: "package" | "oci-layout",
  { out, key }: ImportOptions,
): Promise<void> {
  const keys = await trustedKeys(session, key ?? []);
  const { manifest, digest, publisher } = await importPackage(source, kind, out, keys, session.signal);
  const { model, version } = manifest;
  session.show(
    { directory: out, model, version, package: digest, publisher },
    () => `${out}  ${model}@${version}, signed by ${publisher}\n`,
  );
  session.tell(`Store it with: sedge model push ${out}`);
}

async function importFrom(session: Session, source: string, { out, sha256 }: ImportOptions): Promise<Imported> {
  const { environment, signal } = session;
  if (source.startsWith("models:")) {
    const reference = parseMlflowReference(source);
    if (reference === undefined)
      throw usageError(`"${source}" names no version: models:/NAME@ALIAS, models:/NAME/VERSION or models:/NAME/latest`);
    const server = environment["MLFLOW_TRACKING_URI"];
    if (server === undefined) throw usageError("set MLFLOW_TRACKING_URI to the address of the MLflow server");
    const registry = openMlflowRegistry({
      server,
      token: environment["MLFLOW_TRACKING_TOKEN"],
      user: environment["MLFLOW_TRACKING_USERNAME"],
      password: environment["MLFLOW_TRACKING_PASSWORD"],
    });
    return importMlflow(registry, reference, out, progressBar(session.terminal, session.now), signal);
  }
  if (/^https?:/.test(source)) {
    if (!URL.canParse(source)) throw usageError(`"${source}" is not an address`);
    return importUrl(new URL(source), sha256, out, signal);
  }
  const found = await stat(source).catch(() => undefined);
  if (found === undefined) throw new CommandError(exitCodes.notFound, `there is no directory ${source}`);
  if (!found.isDirectory())
    throw new FetchError(`${source} is a file: push a specification that names it, or import its directory`);
  return importDirectory(source, out, signal);
}
