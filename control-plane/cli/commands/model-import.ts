import { stat } from "node:fs/promises";
import type { Command } from "commander";
import { FetchError } from "../../packaging/import/fetch-limited.ts";
import { importDirectory, importUrl } from "../../packaging/import/import-file.ts";
import type { Imported } from "../../packaging/import/import-mlflow.ts";
import { importMlflow } from "../../packaging/import/import-mlflow.ts";
import { parseMlflowReference } from "../../packaging/import/mlflow-reference.ts";
import { openMlflowRegistry } from "../../packaging/import/mlflow-registry.ts";
import { noProgress } from "../../packaging/progress.ts";
import { CommandError, exitCodes, usageError } from "../exit-codes.ts";
import type { Session, Surroundings } from "../session.ts";
import { openSession } from "../session.ts";

interface ImportOptions {
  readonly out: string;
  readonly sha256?: string;
}

const description =
  "bring a model into a new directory, with a specification to complete and push; SOURCE is models:/NAME@ALIAS or models:/NAME/VERSION " +
  "of an MLflow registry ($MLFLOW_TRACKING_URI, with $MLFLOW_TRACKING_TOKEN or $MLFLOW_TRACKING_USERNAME and $MLFLOW_TRACKING_PASSWORD), " +
  "an http(s) address of an ONNX file, or a directory";

export function addModelImport(model: Command, surroundings: Surroundings): void {
  model
    .command("import <source>")
    .description(description)
    .requiredOption("--out <directory>", "directory to make")
    .option("--sha256 <hex>", "take the file at an address only when it has this digest")
    .action(async (source: string, options: ImportOptions, command: Command) => {
      const session = openSession(surroundings, command);
      const imported = await importFrom(session, source, options);
      session.show(imported, () => `${imported.spec}\n`);
      session.tell(
        `Complete ${imported.spec} (what the outputs mean, and samples), then: sedge model push ${imported.spec}`,
      );
    });
}

async function importFrom(session: Session, source: string, { out, sha256 }: ImportOptions): Promise<Imported> {
  const { environment, signal } = session;
  if (sha256 !== undefined && !/^[0-9a-f]{64}$/i.test(sha256)) throw usageError("--sha256 takes 64 hexadecimal digits");
  if ((await stat(out).catch(() => undefined)) !== undefined)
    throw usageError(`${out} is there already: name a directory that is not`);
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
    return importMlflow(registry, reference, out, noProgress, signal);
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
