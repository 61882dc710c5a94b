import type { Command } from "commander";
import type { ImportOptions } from "../import-model.ts";
import { collect } from "../key-value.ts";
import type { Surroundings } from "../session.ts";
import { openSession } from "../session.ts";

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
      const { importModel } = await import("../import-model.ts");
      await importModel(openSession(surroundings, command), source, options);
    });
}
