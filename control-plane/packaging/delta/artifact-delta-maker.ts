import { createReadStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Digest } from "../../../proto/ids.ts";
import type { ArtifactStore, DeltaMaker } from "../../application/ports.ts";
import { DeltaMakingError, makeDeltaFile } from "./make-delta-file.ts";

export interface ArtifactDeltaMakerOptions {
  readonly artifacts: Pick<ArtifactStore, "put"> & {
    /** Where the file lies, whether it is there or not. */
    locate(digest: Digest): string;
  };
}

/** Makes deltas between artifacts, in a process of its own, and keeps those that are small enough as artifacts. */
export function artifactDeltaMaker({ artifacts }: ArtifactDeltaMakerOptions): DeltaMaker {
  return {
    async make(base, target, mostBytes, signal) {
      const folder = await mkdtemp(join(tmpdir(), "sedge-delta-"));
      try {
        const out = join(folder, "delta");
        const report = await makeDeltaFile(artifacts.locate(base), artifacts.locate(target), out, signal);
        const { digest, deltaBytes: size, targetBytes } = report;
        if (size > mostBytes)
          return { kind: "useless", reason: `it would have ${size} bytes, the file itself has ${targetBytes}` };
        await artifacts.put(digest, createReadStream(out));
        return { kind: "made", digest, size };
      } catch (error) {
        // The same two files would end in the same way.
        if (error instanceof DeltaMakingError) return { kind: "useless", reason: error.message };
        throw error;
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}
