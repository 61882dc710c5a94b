/**
 * The child process that makes deltas. It reads two foreign files and may take minutes, so its parent watches it
 * and may kill it at any moment. `out` is written only after the delta has been applied and gave the target back.
 */
import { readFile } from "node:fs/promises";
import type { OrFailed } from "../child-conversation.ts";
import { digestOf } from "../variant-file.ts";
import { writeFileAtomically } from "../write-atomically.ts";
import { appliedDelta } from "./apply-delta-file.ts";
import { createDelta } from "./create-delta.ts";
import type { DeltaAnswer, DeltaQuestion } from "./delta-report.ts";

async function make({ base: baseFile, target: targetFile, out }: DeltaQuestion): Promise<DeltaAnswer> {
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
      digest: digestOf(delta.bytes),
      literalBytes: delta.literalBytes,
      tensors: delta.tensors,
    },
  };
}

process.on("disconnect", () => process.exit(0));
process.on("message", (question: DeltaQuestion) => {
  make(question)
    .catch((error: unknown) => ({
      kind: "failed" as const,
      reason: error instanceof Error ? error.message : String(error),
    }))
    .then((answer: OrFailed<DeltaAnswer>) => process.send?.(answer))
    .catch(() => process.exit(1));
});
