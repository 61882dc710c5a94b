import { createHash } from "node:crypto";
import type { Decompress, RandomAccess } from "../../../proto/delta/apply-delta.ts";
import { applyDelta, readDeltaHeader } from "../../../proto/delta/apply-delta.ts";
import { DeltaError } from "../../../proto/delta/delta-error.ts";
import type { DeltaHeader } from "../../../proto/delta/delta-header.ts";
import { brotliDecompress } from "./brotli-decompress.ts";

const decompress: Decompress = brotliDecompress;

/**
 * The target of a delta in chunks, as a device would make it; ends with DeltaError unless the base and the result are the very files
 * that the delta names. The base is read twice: first for its digest.
 */
export async function* appliedDelta(
  delta: RandomAccess,
  base: RandomAccess,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const header = await readDeltaHeader(delta);
  await expectBase(header, base, signal);
  const hash = createHash("sha256");
  for await (const chunk of applyDelta(delta, base, decompress, signal)) {
    hash.update(chunk);
    yield chunk;
  }
  const digest = `sha256:${hash.digest("hex")}`;
  if (digest !== header.target.digest)
    throw new DeltaError(`the result is ${digest}, not ${header.target.digest}: the delta is damaged`);
}

async function expectBase({ base: expected }: DeltaHeader, base: RandomAccess, signal: AbortSignal): Promise<void> {
  const hash = createHash("sha256");
  const chunkBytes = 1024 * 1024;
  for (let offset = 0; offset < base.size; offset += chunkBytes) {
    signal.throwIfAborted();
    hash.update(await base.read(offset, Math.min(chunkBytes, base.size - offset)));
  }
  const digest = `sha256:${hash.digest("hex")}`;
  if (digest !== expected.digest)
    throw new DeltaError(`the base is ${digest}; the delta was made for ${expected.digest}`);
}
