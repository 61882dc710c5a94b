import type { Command } from "commander";
import { collect } from "../key-value.ts";
import type { Surroundings } from "../session.ts";
import { openSession } from "../session.ts";

export function addModelVerify(model: Command, surroundings: Surroundings): void {
  model
    .command("verify <directory>")
    .description(
      "check a packed model without a server: signature, files, manifest, golden set; names the first thing that is wrong",
    )
    .option(
      "--key <file>",
      "key of a publisher that you trust (PEM, public or private); repeatable; else your own",
      collect,
    )
    .action(async (directory: string, options: { readonly key?: readonly string[] }, command: Command) => {
      const { verifyModel } = await import("../verify-model.ts");
      await verifyModel(openSession(surroundings, command), directory, options.key ?? []);
    });
}
