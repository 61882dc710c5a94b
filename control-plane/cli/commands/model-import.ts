import { stat } from "node:fs/promises";
import type { Command } from "commander";
import { FetchError } from "../../packaging/import/fetch-limited.ts";
import { importDirectory, importUrl } from "../../packaging/import/import-file.ts";
import type { Imported } from "../../packaging/import/import-mlflow.ts";
import { importMlflow } from "../../packaging/import/import-mlflow.ts";
import { importPackage, kindOfSource } from "../../packaging/import/import-package.ts";
import { parseMlflowReference } from "../../packaging/import/mlflow-reference.ts";
import { openMlflowRegistry } from "../../packaging/import/mlflow-registry.ts";
import { CommandError, exitCodes, usageError } from "../exit-codes.ts";
import { collect } from "../key-value.ts";
import { progressBar } from "../progress-bar.ts";
import type { Session, Surroundings } from "../session.ts";
import { openSession } from "../session.ts";
import { trustedKeys } from "./model-verify.ts";

interface ImportOptions {
  readonly out: string;
  readonly sha256?: string;
  readonly key?: readonly string[];
}

const description =
  "bring a model into a new directory, with a specification to complete and push; SOURCE is models:/NAME@ALIAS or models:/NAME/VERSION " +
  "of an MLflow registry ($MLFLOW_TRACKING_URI, with $MLFLOW_TRACKING_TOKEN or $MLFLOW_TRACKING_USERNAME and $MLFLOW_TRACKING_PASSWORD), " +
  "an http(s) address of an ONNX file, or a directory. A packed model, as a directory or an OCI image layout, is verified and keeps its signature";

export function addModelImport(model: Command, surroundings: Surroundings): void {
  model
    .command("import <source>")
    .description(description)
    .requiredOption("--out <directory>", "directory to make")
    .option("--sha256 <hex>", "take the file at an address only when it has this digest")
    .option("--key <file>", "publisher whose packed model is taken (PEM); repeatable; else your own", collect)
    .action(async (source: string, options: ImportOptions, command: Command) => {
      const session = openSession(surroundings, command);
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
    });
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
