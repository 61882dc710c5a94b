import { decodeGoldenSet } from "../../proto/codec/golden.ts";
import type { Digest, ModelName } from "../../proto/ids.ts";
import type { Manifest, Variant } from "../../proto/manifest.ts";
import type { GoldenSet } from "../../proto/messages.ts";
import type { Slot } from "./agent-state.ts";
import { checkPackage } from "./package-check.ts";
import type { Crypto, FileStore, Trust } from "./ports.ts";
import { DigestMismatchError, FileMissingError } from "./ports.ts";

/** A package on the device that was checked, and the variant of it that a slot holds. */
export interface LoadedPackage {
  readonly slot: Slot;
  readonly manifest: Manifest;
  readonly variant: Variant;
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
  readonly #manifests = new Map<Digest, Manifest>();

  constructor({ files, crypto, trust }: { readonly files: FileStore; readonly crypto: Crypto; readonly trust: Trust }) {
    this.#files = files;
    this.#crypto = crypto;
    this.#trust = trust;
  }

  /** The manifests that were read so far, by the digest of their package. */
  get manifests(): ReadonlyMap<Digest, Manifest> {
    return this.#manifests;
  }

  async manifest(model: ModelName, { version, package: digest }: Pick<Slot, "version" | "package">): Promise<Manifest> {
    const known = this.#manifests.get(digest);
    if (known !== undefined) return known;
    const bytes = await this.#files.read(digest).catch(asDamage);
    const check = await checkPackage(bytes, { model, version, package: digest }, this.#crypto, this.#trust.publishers);
    if (check.kind === "refused") throw new PackageDamagedError(check.reason);
    this.#manifests.set(digest, check.manifest);
    return check.manifest;
  }

  /** Reads the model file through once, so that its digest is known to be right before a runtime sees it. */
  async load(model: ModelName, slot: Slot): Promise<LoadedPackage> {
    const manifest = await this.manifest(model, slot);
    const variant = manifest.variants.find(({ id, file }) => id === slot.variant && file.digest === slot.file);
    if (variant === undefined) throw new PackageDamagedError(`${slot.package} has no variant ${slot.variant}`);
    await this.#files.read(slot.file).catch(asDamage);
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
