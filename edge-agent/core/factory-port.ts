import type { RandomAccess } from "../../proto/delta/apply-delta.ts";
import type { Digest } from "../../proto/ids.ts";
import type { ExpectedPackage } from "./expected-package.ts";

/**
 * Packages that came with the device's image: the last thing that a device can serve when it never got an assignment, or when neither
 * its active nor its previous model can be used. They lie beside the agent's own files, are only read, and are in no slot: so nothing
 * that the agent does, forgets or loses can take them away. Before one is served it is checked like any other: its signature by a
 * publisher that the device trusts, its digests, its golden outputs on this processor.
 */
export interface Factory {
  /** One for each model at most. */
  readonly packages: readonly ExpectedPackage[];
  readonly files: FactoryFiles;
}

/** Files of packages by their digests. What they say of themselves is checked when they are read. */
export interface FactoryFiles {
  /** Bytes of each file. */
  readonly sizes: ReadonlyMap<Digest, number>;
  /** Whole content, of what is small: signatures, manifests and golden sets. */
  read(digest: Digest): Promise<Uint8Array>;
  /** Reads a file through, however large. Rejects with DigestMismatchError where it is not what its name says. */
  verify(digest: Digest): Promise<void>;
  open(digest: Digest): Promise<RandomAccess & AsyncDisposable>;
  locate(digest: Digest): string;
}
