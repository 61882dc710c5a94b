import type { Command } from "commander";
import type { Surroundings } from "../session.ts";
import { openSession } from "../session.ts";

export function addModelDelta(model: Command, surroundings: Surroundings): void {
  const delta = model
    .command("delta")
    .description("what turns one model file into another, for devices that have the first");

  delta
    .command("create <base> <new>")
    .description("write the delta that makes NEW out of BASE; it has been applied once before it is written")
    .requiredOption("--out <patch>", "file to write")
    .action(async (base: string, target: string, { out }: { readonly out: string }, command: Command) => {
      const { createDeltaFile } = await import("../delta-files.ts");
      await createDeltaFile(openSession(surroundings, command), base, target, out);
    });

  delta
    .command("apply <base> <patch>")
    .description(
      "make the new file out of BASE, byte for byte; refuses when either file is another than the delta was made for",
    )
    .requiredOption("--out <new>", "file to write")
    .action(async (base: string, patch: string, { out }: { readonly out: string }, command: Command) => {
      const { applyDeltaFile } = await import("../delta-files.ts");
      await applyDeltaFile(openSession(surroundings, command), base, patch, out);
    });
}
