/**
 * The child process that makes one delta: BASE TARGET OUT. It reads two foreign files and may take minutes, so its parent watches it
 * and may kill it at any moment. OUT is written only after the delta has been applied and gave the target back.
 */
import { readFile } from "node:fs/promises";
import { writeFileAtomically } from "../write-atomically.ts";
import { appliedDelta } from "./apply-delta-file.ts";
import { createDelta } from "./create-delta.ts";
import type { DeltaAnswer } from "./delta-report.ts";

async function make(baseFile: string, targetFile: string, out: string): Promise<DeltaAnswer> {
  const { signal } = new AbortController();
  const [base, target] = await Promise.all([readFile(baseFile), readFile(targetFile)]);
  const delta = createDelta(base, target);
  const inMemory = (bytes: Uint8Array) => ({
    size: bytes.length,
    read: async (offset: number, length: number) => bytes.subarray(offset, offset + length),
  });
  // Its digest is compared inside: a delta that does not give the target back ends with an error here.
  for await (const _chunk of appliedDelta(inMemory(delta.bytes), inMemory(base), signal));
  await writeFileAtomically(out, delta.bytes, signal);
  return {
    kind: "made",
    report: {
      baseBytes: base.length,
      targetBytes: target.length,
      deltaBytes: delta.bytes.length,
      literalBytes: delta.literalBytes,
      tensors: delta.tensors,
    },
  };
}

const [baseFile, targetFile, out] = process.argv.slice(2);
process.on("disconnect", () => process.exit(0));
make(baseFile as string, targetFile as string, out as string)
  .catch((error: unknown): DeltaAnswer => ({
    kind: "failed",
    reason: error instanceof Error ? error.message : String(error),
  }))
  .then((answer) => process.send?.(answer, () => process.exit(0)))
  .catch(() => process.exit(1));
