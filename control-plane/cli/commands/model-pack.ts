import type { Command } from "commander";
import type { Surroundings } from "../session.ts";
import { openSession } from "../session.ts";
import type { PackOptions } from "../pack-model.ts";

export function addModelPack(model: Command, surroundings: Surroundings): void {
  model
    .command("pack <spec>")
    .description("make and sign the package that the YAML file describes, as a directory; needs no server")
    .requiredOption("--out <directory>", "directory to make")
    .option("--key <file>", "publisher key; else $SEDGE_PUBLISHER_KEY, else your own, which is made on first use")
    .option(
      "--base-version <parent>",
      "keep the scales of the parent version where they still fit, for smaller deltas: digits@1, a packed directory or a quantized file",
    )
    .action(async (specFile: string, options: PackOptions, command: Command) => {
      const { packModel } = await import("../pack-model.ts");
      await packModel(openSession(surroundings, command), specFile, options);
    });
}
