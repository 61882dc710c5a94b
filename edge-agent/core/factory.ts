import type { Digest, ModelName, ModelVersion } from "../../proto/ids.ts";
import type { ModelState } from "./agent-state.ts";
import type { ExpectedPackage } from "./expected-package.ts";
import type { Factory, FactoryFiles } from "./factory-port.ts";
import type { FileStore } from "./ports.ts";
import { DigestMismatchError, FileMissingError } from "./ports.ts";
import { emptyModel } from "./slots.ts";

export const noFactory: Factory = {
  packages: [],
  files: {
    sizes: new Map(),
    read: (digest) => Promise.reject(notThere(digest)),
    verify: (digest) => Promise.reject(notThere(digest)),
    open: (digest) => Promise.reject(notThere(digest)),
    locate: () => "",
  },
};

/** What the device falls back on for a model in whose place nothing else is; undefined where that is what is active already. */
export function wayToFactory({ packages }: Pick<Factory, "packages">, state: ModelState): ExpectedPackage | undefined {
  const found = packages.find(({ model }) => model === state.model);
  return found?.package === state.active?.package ? undefined : found;
}

/**
 * The agent's files, and behind them those of the factory: what lies there need not be fetched, is not listed and cannot be removed. A file
 * there that is found damaged is as good as missing.
 */
export function withFactoryFiles(store: FileStore, factory: FactoryFiles): FileStore {
  if (factory.sizes.size === 0) return store;
  const damaged = new Set<Digest>();
  const isThere = (digest: Digest) => factory.sizes.has(digest) && !damaged.has(digest);
  const noted = async <T>(digest: Digest, content: Promise<T>): Promise<T> => {
    try {
      return await content;
    } catch (error) {
      if (error instanceof DigestMismatchError) damaged.add(digest);
      throw error;
    }
  };
  return {
    has: async (digest) => isThere(digest) || (await store.has(digest)),
    read: async (digest) => (isThere(digest) ? await noted(digest, factory.read(digest)) : await store.read(digest)),
    verify: async (digest) =>
      isThere(digest) ? await noted(digest, factory.verify(digest)) : await store.verify(digest),
    open: async (digest) => (isThere(digest) ? await factory.open(digest) : await store.open(digest)),
    locate: (digest) => (isThere(digest) ? factory.locate(digest) : store.locate(digest)),
    receive: (digest, size) => store.receive(digest, size),
    freeBytes: () => store.freeBytes(),
    bytesOf: async (digest) => (isThere(digest) ? (factory.sizes.get(digest) ?? 0) : await store.bytesOf(digest)),
    list: () => store.list(),
    remove: (digest) => store.remove(digest),
  };
}

export function factoryPackageOf({ packages }: Pick<Factory, "packages">, model: ModelName) {
  return packages.find((one) => one.model === model);
}

/** The models of a device, those that nobody has ever assigned too. */
export function withFactoryModels(
  models: readonly ModelState[],
  { packages }: Pick<Factory, "packages">,
): readonly ModelState[] {
  const others = packages.filter(({ model }) => models.every((known) => known.model !== model));
  return [...models, ...others.map(({ model }) => emptyModel(model))];
}

/** Versions of each model that answer requests, now or when they are started. */
export function servedVersions(models: readonly ModelState[], factory: Pick<Factory, "packages">) {
  return withFactoryModels(models, factory).map(({ model, active, candidate }) => {
    const held = [active, candidate, factoryPackageOf(factory, model)];
    return { model, versions: held.flatMap((one): ModelVersion[] => (one === undefined ? [] : [one.version])) };
  });
}

function notThere(digest: Digest): FileMissingError {
  return new FileMissingError(`there is no file ${digest} in the factory directory`);
}
