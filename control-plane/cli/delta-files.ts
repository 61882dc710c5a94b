import { stat } from "node:fs/promises";
import { appliedDelta } from "../packaging/delta/apply-delta-file.ts";
import type { DeltaReport } from "../packaging/delta/delta-report.ts";
import { makeDeltaFile } from "../packaging/delta/make-delta-file.ts";
import { openRandomAccess } from "../packaging/delta/open-random-access.ts";
import { writeFileAtomically } from "../packaging/write-atomically.ts";
import { CommandError, exitCodes } from "./exit-codes.ts";
import type { Session } from "./session.ts";
import { formatSize } from "./sizes.ts";
import { formatFacts } from "./table.ts";

export async function createDeltaFile(session: Session, base: string, target: string, out: string): Promise<void> {
  await Promise.all([base, target].map(expectFile));
  const startedAt = session.now();
  const report = await makeDeltaFile(base, target, out, session.signal);
  const seconds = (session.now() - startedAt) / 1_000;
  session.show({ ...report, seconds, out }, () => formatFacts(factsOf(report, seconds), session.terminal.paint));
  if (report.deltaBytes >= report.targetBytes)
    session.tell("The delta is no smaller than the file itself: these two have too little in common.");
}

export async function applyDeltaFile(session: Session, base: string, patch: string, out: string): Promise<void> {
  await Promise.all([base, patch].map(expectFile));
  await using from = await openRandomAccess(base);
  await using delta = await openRandomAccess(patch);
  await writeFileAtomically(out, appliedDelta(delta, from, session.signal), session.signal);
  const { size } = await stat(out);
  session.show({ out, bytes: size }, () => `${out}  ${formatSize(size)}, as it was\n`);
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
