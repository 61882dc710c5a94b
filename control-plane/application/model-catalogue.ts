import type { Digest, ModelName, ModelVersion } from "../../proto/ids.ts";
import type { FileReference, Manifest } from "../../proto/manifest.ts";
import type { Decoded } from "../../proto/problems.ts";
import type { ModelVersionRecord } from "../domain/model-version.ts";
import type { ArtifactStore, Clock } from "./ports.ts";
import type { Database, PublisherKey } from "./stores.ts";
import { ConflictError, InvalidDataError } from "./refusals.ts";

/** The model versions that may be rolled out, and the publishers whose signature lets one in. */
export interface ModelCatalogue {
  /**
   * Takes the exact bytes of a signature bundle whose files have been uploaded, from an operator. The same bundle again answers the same record.
   *
   * @throws InvalidDataError with every mistake; ConflictError when the version exists with other content
   */
  accept(bundle: Uint8Array, by: string): Promise<ModelVersionRecord>;
  list(): Promise<readonly ModelVersionRecord[]>;
  get(model: ModelName, version: ModelVersion): Promise<ModelVersionRecord | undefined>;
  publishers(): Promise<readonly PublisherKey[]>;
  /** SubjectPublicKeyInfo, base64. Adding a known key again answers it. @throws InvalidDataError */
  addPublisher(publicKey: string, by: string): Promise<PublisherKey>;
}

/** Decides whether a package may enter: its signature, its manifest, and each of its files. */
export interface PackageVerifier {
  verify(
    bundle: Uint8Array,
    readFile: (file: FileReference) => Promise<Uint8Array | undefined>,
    publishers: readonly PublisherKey[],
  ): Promise<Decoded<{ readonly digest: Digest; readonly manifest: Manifest; readonly publisher: string }>>;
  /** The key's id and its canonical form. */
  readPublicKey(publicKey: string): Decoded<{ readonly keyId: string; readonly publicKey: string }>;
}

export interface ModelCatalogueOptions {
  readonly database: Database;
  readonly artifacts: ArtifactStore;
  readonly verifier: PackageVerifier;
  readonly clock: Pick<Clock, "now">;
}

export function createModelCatalogue({ database, artifacts, verifier, clock }: ModelCatalogueOptions): ModelCatalogue {
  async function readFile({ digest }: FileReference): Promise<Uint8Array | undefined> {
    const size = await artifacts.size(digest);
    return size === undefined ? undefined : artifacts.readRange(digest, 0, size);
  }

  return {
    async accept(bundle, by) {
      const verified = await verifier.verify(bundle, readFile, await database.publishers.list());
      if (!verified.ok) throw new InvalidDataError("the package", verified.problems);
      const { digest, manifest, publisher } = verified.value;
      // Devices fetch the signature like any other file, by its digest: there before the version can be rolled out.
      await artifacts.put(digest, once(bundle));
      const record: ModelVersionRecord = {
        model: manifest.model,
        version: manifest.version,
        package: digest,
        packageSize: bundle.length,
        manifest,
        publisher,
        pushedAtMs: clock.now(),
        pushedBy: by,
      };
      return database.transaction(async (stores) => {
        if (await stores.models.add(record)) {
          await stores.events.add({
            atMs: record.pushedAtMs,
            kind: "model.pushed",
            device: undefined,
            rollout: undefined,
            by,
            text: `${record.model}@${record.version} was pushed, signed by ${publisher} (${manifest.variants.map(({ id }) => id).join(", ")})`,
          });
          return record;
        }
        const existing = await stores.models.get(record.model, record.version);
        if (existing?.package === digest) return existing;
        throw new ConflictError(
          `${record.model}@${record.version} exists with other content, and versions never change: choose a new version`,
        );
      });
    },
    list: () => database.models.list(),
    get: (model, version) => database.models.get(model, version),
    publishers: () => database.publishers.list(),
    async addPublisher(publicKey, by) {
      const read = verifier.readPublicKey(publicKey);
      if (!read.ok) throw new InvalidDataError("the public key", read.problems);
      const { keyId } = read.value;
      return database.transaction(async (stores) => {
        const known = (await stores.publishers.list()).find((key) => key.keyId === keyId);
        if (known !== undefined) return known;
        const added: PublisherKey = { ...read.value, addedAtMs: clock.now() };
        await stores.publishers.add(added);
        await stores.events.add({
          atMs: added.addedAtMs,
          kind: "publisher.added",
          device: undefined,
          rollout: undefined,
          by,
          text: `packages signed by ${keyId} are accepted from now on; devices that are enrolled already do not know this key`,
        });
        return added;
      });
    },
  };
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}
