import type { Crypto, Logger, StateStore } from "../../core/ports.ts";
import { openTwoSlots } from "../portable/two-slots.ts";
import type { DeviceDatabase } from "./device-database.ts";
import { valueAt } from "./device-database.ts";

export interface IndexedStateStoreOptions {
  readonly database: DeviceDatabase;
  readonly crypto: Pick<Crypto, "digest">;
  readonly log: Logger;
}

/** Each slot has the digest of its content: one that has rotted costs only the change that was saved last. */
export async function openIndexedStateStore({ database, crypto, log }: IndexedStateStoreOptions): Promise<StateStore> {
  return await openTwoSlots(
    {
      async read(name) {
        const found = await database.read(["values"], (transaction) => valueAt(transaction, "values", name));
        if (found === undefined) return undefined;
        const { sequence, content, digest } = found as Readonly<Record<string, unknown>>;
        const isWhole =
          typeof sequence === "number" && content instanceof Uint8Array && (await crypto.digest(content)) === digest;
        if (isWhole) return { sequence, content };
        log.warn({ name }, "a state slot is damaged and is left out");
        return undefined;
      },
      async write(name, { sequence, content }) {
        const slot = { sequence, content, digest: await crypto.digest(content) };
        await database.write(["values"], async (transaction) => {
          transaction.objectStore("values").put(slot, name);
        });
      },
    },
    log,
  );
}
