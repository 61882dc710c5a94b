import { stat } from "node:fs/promises";
import type { Command } from "commander";
import { appliedDelta } from "../../packaging/delta/apply-delta-file.ts";
import type { DeltaReport } from "../../packaging/delta/delta-report.ts";
import { makeDeltaFile } from "../../packaging/delta/make-delta-file.ts";
import { openRandomAccess } from "../../packaging/delta/open-random-access.ts";
import { writeFileAtomically } from "../../packaging/write-atomically.ts";
import { CommandError, exitCodes } from "../exit-codes.ts";
import type { Surroundings } from "../session.ts";
import { openSession } from "../session.ts";
import { formatSize } from "../sizes.ts";
import { formatFacts } from "../table.ts";

export function addModelDelta(model: Command, surroundings: Surroundings): void {
  const delta = model
    .command("delta")
    .description("what turns one model file into another, for devices that have the first");

  delta
    .command("create <base> <new>")
    .description("write the delta that makes NEW out of BASE; it has been applied once before it is written")
    .requiredOption("--out <patch>", "file to write")
    .action(async (base: string, target: string, options: { out: string }, command: Command) => {
      const session = openSession(surroundings, command);
      await Promise.all([base, target].map(expectFile));
      const startedAt = session.now();
      const report = await makeDeltaFile(base, target, options.out, session.signal);
      const seconds = (session.now() - startedAt) / 1_000;
      session.show({ ...report, seconds, out: options.out }, () =>
        formatFacts(factsOf(report, seconds), session.terminal.paint),
      );
      if (report.deltaBytes >= report.targetBytes)
        session.tell("The delta is no smaller than the file itself: these two have too little in common.");
    });

  delta
    .command("apply <base> <patch>")
    .description(
      "make the new file out of BASE, byte for byte; refuses when either file is another than the delta was made for",
    )
    .requiredOption("--out <new>", "file to write")
    .action(async (base: string, patch: string, options: { out: string }, command: Command) => {
      const session = openSession(surroundings, command);
      await Promise.all([base, patch].map(expectFile));
      await using from = await openRandomAccess(base);
      await using delta = await openRandomAccess(patch);
      await writeFileAtomically(options.out, appliedDelta(delta, from, session.signal), session.signal);
      const { size } = await stat(options.out);
      session.show({ out: options.out, bytes: size }, () => `${options.out}  ${formatSize(size)}, as it was\n`);
    });
}

async function expectFile(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true) throw new CommandError(exitCodes.notFound, `there is no file ${path}`);
}

function factsOf(report: DeltaReport, seconds: number): readonly (readonly [string, string])[] {
  const { baseBytes, targetBytes, deltaBytes, tensors } = report;
  const share = (how: string) => {
    const those = tensors.filter((tensor) => tensor.how === how);
    return `${those.length} tensors, ${formatSize(those.reduce((sum, { bytes }) => sum + bytes, 0))}`;
  };
  return [
    ["base", formatSize(baseBytes)],
    ["new", formatSize(targetBytes)],
    ["delta", `${formatSize(deltaBytes)}, ${((100 * deltaBytes) / targetBytes).toFixed(1)} % of the new file`],
    ["copied", share("copied")],
    ["as difference", share("difference")],
    ["by itself", share("new")],
    ["the rest", `${formatSize(report.literalBytes)} that the base does not have, before compression`],
    ["made in", `${seconds.toFixed(1)} s, and applied once as a check`],
  ];
}
