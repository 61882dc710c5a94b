import { NoSpaceError } from "../../core/ports.ts";

/**
 * What a page keeps lies in IndexedDB. A transaction is all or nothing there, and one that asks for strict durability is on the
 * disk when it completes; transactions of one database reach the disk in their order. The adapters are built on these two promises.
 */
export interface DeviceDatabase extends Disposable {
  /** `work` must await nothing but requests of its transaction. */
  read<T>(stores: readonly StoreName[], work: (transaction: IDBTransaction) => Promise<T>): Promise<T>;
  /** Resolves when a power cut can no longer undo it. Rejects with NoSpaceError when the browser gives no more room. */
  write<T>(stores: readonly StoreName[], work: (transaction: IDBTransaction) => Promise<T>): Promise<T>;
  /** As `write`, but the browser may still hold it in memory: for what a later strict write makes durable, or what may be lost. */
  writeSoon<T>(stores: readonly StoreName[], work: (transaction: IDBTransaction) => Promise<T>): Promise<T>;
  /** Settles when the browser has taken the database away while it was open; never rejects. */
  readonly lost: Promise<void>;
  /** Nothing had been stored under this name before. */
  readonly isNew: boolean;
}

/** `values` by name; `files` by digest; `pieces` by digest and offset; `records` by lane and sequence number. */
const storeNames = ["values", "files", "pieces", "records"] as const;
export type StoreName = (typeof storeNames)[number];

const schemaVersion = 1;

export async function openDeviceDatabase(name: string): Promise<DeviceDatabase> {
  let isNew = false;
  const opening = indexedDB.open(name, schemaVersion);
  opening.addEventListener("upgradeneeded", () => {
    isNew = true;
    for (const store of storeNames) opening.result.createObjectStore(store);
  });
  const database = await answerOf(opening);
  const lost = new Promise<void>((resolve) => {
    const away = () => {
      database.close();
      resolve();
    };
    database.addEventListener("close", away);
    // Somebody deletes it, or a page of a newer version wants to change it.
    database.addEventListener("versionchange", away);
  });

  const transact = async <T>(
    stores: readonly StoreName[],
    mode: IDBTransactionMode,
    durability: IDBTransactionDurability,
    work: (transaction: IDBTransaction) => Promise<T>,
  ): Promise<T> => {
    const transaction = database.transaction(stores, mode, { durability });
    const done = completionOf(transaction);
    try {
      const [result] = await Promise.all([work(transaction), done]);
      return result;
    } catch (error) {
      abortUnlessOver(transaction);
      await done.catch(() => undefined);
      throw noSpaceOr(error);
    }
  };
  return {
    isNew,
    lost,
    read: (stores, work) => transact(stores, "readonly", "default", work),
    write: (stores, work) => transact(stores, "readwrite", "strict", work),
    writeSoon: (stores, work) => transact(stores, "readwrite", "relaxed", work),
    [Symbol.dispose]: () => database.close(),
  };
}

export async function deleteDeviceDatabase(name: string): Promise<void> {
  await answerOf(indexedDB.deleteDatabase(name));
}

export function answerOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    // Once: the request of a cursor succeeds again for each record.
    const refused = () => reject(request.error ?? new Error("the browser's database gave no reason"));
    request.addEventListener("success", () => resolve(request.result), { once: true });
    request.addEventListener("error", refused, { once: true });
  });
}

/** What a store holds under a key: foreign data until it was looked at. */
export function valueAt(transaction: IDBTransaction, store: StoreName, key: IDBValidKey): Promise<unknown> {
  return answerOf<unknown>(transaction.objectStore(store).get(key));
}

function completionOf(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.addEventListener("complete", () => resolve());
    transaction.addEventListener("abort", () =>
      reject(transaction.error ?? new Error("the browser's database gave the transaction up")),
    );
  });
}

function abortUnlessOver(transaction: IDBTransaction): void {
  try {
    transaction.abort();
  } catch {
    // It has ended by itself.
  }
}

function noSpaceOr(error: unknown): unknown {
  return error instanceof DOMException && error.name === "QuotaExceededError"
    ? new NoSpaceError("the browser gives this page no more storage", { cause: error })
    : error;
}
