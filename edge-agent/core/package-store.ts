import { decodeGoldenSet } from "../../proto/codec/golden.ts";
import type { Digest, ModelName } from "../../proto/ids.ts";
import type { Manifest, Variant } from "../../proto/manifest.ts";
import type { GoldenSet } from "../../proto/tensors.ts";
import type { Slot } from "./agent-state.ts";
import type { Joining } from "./joining-proof.ts";
import { checkManifest, checkSignature } from "./package-check.ts";
import type { Crypto, FileStore, Logger, Ports, Trust } from "./ports.ts";
import { DigestMismatchError, FileMissingError } from "./ports.ts";

/** A package on the device that was checked, and the variant of it that a slot holds. */
export interface LoadedPackage {
  readonly slot: Slot;
  readonly manifest: Manifest;
  readonly variant: Variant;
  /** Absent before a worker has shown it, and where the manifest does not allow it. */
  readonly joining?: Joining | undefined;
}

/** A package that was checked, as far as it does not depend on the device. */
export interface KnownPackage {
  readonly manifest: Manifest;
  /** Where manifest.json lies on the device. */
  readonly manifestFile: Digest;
}

/** What a slot names is not on the device, or not as it must be. */
export class PackageDamagedError extends Error {
  override readonly name = "PackageDamagedError";
}

/** Reads packages back from the file store. Whatever is loaded was checked in this life of the agent: digest and signature. */
export class PackageStore {
  readonly #files: FileStore;
  readonly #crypto: Crypto;
  readonly #trust: Trust;
  readonly #log: Logger;
  readonly #known = new Map<Digest, KnownPackage>();

  constructor({ files, crypto, trust, log }: Pick<Ports, "files" | "crypto" | "trust" | "log">) {
    this.#files = files;
    this.#crypto = crypto;
    this.#trust = trust;
    this.#log = log;
  }

  /** The packages that were read so far, by their digests. */
  get known(): ReadonlyMap<Digest, KnownPackage> {
    return this.#known;
  }

  async manifest(model: ModelName, { version, package: digest }: Pick<Slot, "version" | "package">): Promise<Manifest> {
    const known = this.#known.get(digest);
    if (known !== undefined) return known.manifest;
    const expected = { model, version, package: digest };
    const bundle = await this.#files.read(digest).catch(asDamage);
    const signature = await checkSignature(bundle, expected, this.#crypto, this.#trust.publishers);
    if (signature.kind === "refused") throw new PackageDamagedError(signature.reason);
    const manifestFile = signature.statement.manifest.digest;
    const bytes = await this.#files.read(manifestFile).catch(asDamage);
    const check = await checkManifest(bytes, signature.statement, expected, this.#crypto);
    if (check.kind === "refused") throw new PackageDamagedError(check.reason);
    this.#known.set(digest, { manifest: check.manifest, manifestFile });
    const unknown = check.manifest.features.filter(({ kind }) => kind === "unknown").map(({ name }) => name);
    if (unknown.length > 0)
      this.#log.warn({ model, version, unknown }, "features of a newer packager are not counted by this agent");
    return check.manifest;
  }

  /** Reads the model file through once, so that its digest is known to be right before a runtime sees it. */
  async load(model: ModelName, slot: Slot): Promise<LoadedPackage> {
    const manifest = await this.manifest(model, slot);
    const variant = manifest.variants.find(({ id, file }) => id === slot.variant && file.digest === slot.file);
    if (variant === undefined) throw new PackageDamagedError(`${slot.package} has no variant ${slot.variant}`);
    await this.#files.verify(slot.file).catch(asDamage);
    return { slot, manifest, variant };
  }

  async golden({ manifest }: LoadedPackage): Promise<GoldenSet> {
    const golden = decodeGoldenSet(await this.#files.read(manifest.golden.digest).catch(asDamage));
    if (!golden.ok) throw new PackageDamagedError(`the golden set cannot be read: ${golden.problems.join("; ")}`);
    return golden.value;
  }
}

function asDamage(error: unknown): never {
  if (error instanceof FileMissingError || error instanceof DigestMismatchError)
    throw new PackageDamagedError(error.message, { cause: error });
  throw error;
}
