import { joined } from "../../../proto/sealing.ts";
import type { Digest } from "../../../proto/ids.ts";
import { isDigest } from "../../../proto/ids.ts";
import { mebibytes } from "../../../proto/units.ts";
import type { Crypto, FileStore, PartialFile } from "../../core/ports.ts";
import { DigestMismatchError, FileMissingError, NoSpaceError } from "../../core/ports.ts";
import type { DeviceDatabase } from "./device-database.ts";
import { answerOf, valueAt } from "./device-database.ts";

export interface IndexedFileStoreOptions {
  readonly database: DeviceDatabase;
  readonly crypto: Pick<Crypto, "digest">;
  /** Bytes that the browser still gives this page. */
  readonly freeBytes: () => Promise<number>;
}

/** Never given to files: the agent's state and spool must have room in a quota that models have filled. */
const reservedBytes = mebibytes(16);

/** A file that is here as a whole; one that has only begun to arrive has pieces and no entry. */
interface FileEntry {
  readonly size: number;
}

/**
 * Files under the hash of their content, in the pieces in which they came, each under its offset. A file gets its entry only after
 * all of it was read back and hashed, in a strict transaction, which makes durable what came before it too.
 */
export function indexedFileStore({ database, crypto, freeBytes }: IndexedFileStoreOptions): FileStore {
  const receiving = new Set<Digest>();
  const room = async () => Math.max(0, (await freeBytes()) - reservedBytes);
  const entryOf = (digest: Digest) =>
    database.read(
      ["files"],
      async (transaction) => (await valueAt(transaction, "files", digest)) as FileEntry | undefined,
    );
  const contentOf = async (digest: Digest): Promise<Uint8Array> =>
    joined(
      ...(await database.read(["pieces"], (transaction) =>
        answerOf<Uint8Array[]>(transaction.objectStore("pieces").getAll(piecesOf(digest))),
      )),
    );
  const remove = (digest: Digest) =>
    database.write(["files", "pieces"], async (transaction) => {
      transaction.objectStore("files").delete(digest);
      transaction.objectStore("pieces").delete(piecesOf(digest));
    });

  const read = async (digest: Digest): Promise<Uint8Array> => {
    if ((await entryOf(digest)) === undefined) throw missing(digest);
    const bytes = await contentOf(digest);
    const found = await crypto.digest(bytes);
    if (found !== digest) throw new DigestMismatchError(`the file ${digest} on this device is damaged: it is ${found}`);
    return bytes;
  };
  const openPartial = (digest: Digest, size: number, resumeAt: number): PartialFile => {
    let length = resumeAt;
    const drop = async (mistake: string): Promise<never> => {
      await remove(digest);
      throw new DigestMismatchError(mistake);
    };
    return {
      resumeAt,
      read: (offset, wanted) => readPart(database, digest, offset, wanted),
      overwrite: (offset, bytes) => overwritePart(database, digest, offset, bytes),
      async append(bytes) {
        if (length + bytes.length > size) await drop(`more than the ${size} bytes of ${digest} arrived`);
        // A copy: `bytes` may be a small view of something large, all of which would be stored.
        await database.writeSoon(["pieces"], async (transaction) => {
          transaction.objectStore("pieces").put(bytes.slice(), [digest, length]);
        });
        length += bytes.length;
      },
      async commit() {
        if (length !== size) await drop(`${digest} has ${size} bytes, and ${length} arrived`);
        const found = await crypto.digest(await contentOf(digest));
        if (found !== digest) await drop(`what arrived for ${digest} is ${found}`);
        await database.write(["files"], async (transaction) => {
          transaction.objectStore("files").put({ size } satisfies FileEntry, digest);
        });
      },
      async [Symbol.asyncDispose]() {
        receiving.delete(digest);
      },
    };
  };

  return {
    freeBytes: room,
    locate: (digest) => digest,
    bytesOf: async (digest) => (await entryOf(digest))?.size ?? (await arrivedBytes(database, digest)),
    has: async (digest) => (await entryOf(digest)) !== undefined,
    read,
    verify: async (digest) => void (await read(digest)),
    async open(digest) {
      const entry = await entryOf(digest);
      if (entry === undefined) throw missing(digest);
      return {
        size: entry.size,
        read: (offset, length) => readPart(database, digest, offset, length),
        async [Symbol.asyncDispose]() {},
      };
    },
    async receive(digest, size) {
      if (receiving.has(digest)) throw new Error(`${digest} is being received already`);
      receiving.add(digest);
      try {
        const present = await arrivedBytes(database, digest);
        if (present > size) await remove(digest);
        const resumeAt = present > size ? 0 : present;
        const free = await room();
        if (size - resumeAt > free)
          throw new NoSpaceError(
            `${digest} needs ${size - resumeAt} more bytes and the browser gives this page only ${free}: free some of its storage`,
          );
        return openPartial(digest, size, resumeAt);
      } catch (error) {
        receiving.delete(digest);
        throw error;
      }
    },
    async list() {
      return await database.read(["pieces"], async (transaction) => {
        const names = new Set<Digest>();
        const store = transaction.objectStore("pieces");
        // From one file to the next: the keys of all pieces of a large model would be thousands.
        let after: IDBKeyRange | undefined;
        for (;;) {
          const key = await answerOf(store.getKey(after ?? IDBKeyRange.lowerBound([])));
          if (key === undefined) return [...names];
          const [name] = key as [string, number];
          if (isDigest(name)) names.add(name);
          after = IDBKeyRange.lowerBound([name, []]);
        }
      });
    },
    remove,
  };
}

/** An array sorts behind every number: all offsets of one file. */
function piecesOf(digest: Digest, from = 0): IDBKeyRange {
  return IDBKeyRange.bound([digest, from], [digest, []]);
}

/** Pieces are stored in their order, so what is there has no holes: it ends where its last piece ends. */
async function arrivedBytes(database: DeviceDatabase, digest: Digest): Promise<number> {
  return await database.read(["pieces"], async (transaction) => {
    const cursor = await answerOf(transaction.objectStore("pieces").openCursor(piecesOf(digest), "prev"));
    return cursor === null ? 0 : offsetOf(cursor) + (cursor.value as Uint8Array).length;
  });
}

async function readPart(database: DeviceDatabase, digest: Digest, offset: number, length: number): Promise<Uint8Array> {
  return await database.read(["pieces"], async (transaction) => {
    const store = transaction.objectStore("pieces");
    const until = IDBKeyRange.bound([digest, 0], [digest, offset]);
    const first = await answerOf(store.openKeyCursor(until, "prev"));
    if (first === null) return new Uint8Array();
    const start = offsetOf(first);
    const within = IDBKeyRange.bound([digest, start], [digest, offset + length], false, true);
    const bytes = joined(...(await answerOf<Uint8Array[]>(store.getAll(within))));
    return bytes.slice(offset - start, offset - start + length);
  });
}

/** Of pieces that it covers only in part the rest stays. */
async function overwritePart(
  database: DeviceDatabase,
  digest: Digest,
  offset: number,
  bytes: Uint8Array,
): Promise<void> {
  await database.write(["pieces"], async (transaction) => {
    const store = transaction.objectStore("pieces");
    const end = offset + bytes.length;
    const first = await answerOf(store.openKeyCursor(IDBKeyRange.bound([digest, 0], [digest, offset]), "prev"));
    const start = first === null ? offset : offsetOf(first);
    const within = IDBKeyRange.bound([digest, start], [digest, end], false, true);
    const before = joined(...(await answerOf<Uint8Array[]>(store.getAll(within))));
    store.delete(within);
    if (start < offset) store.put(before.slice(0, offset - start), [digest, start]);
    store.put(bytes.slice(), [digest, offset]);
    if (start + before.length > end) store.put(before.slice(end - start), [digest, end]);
  });
}

function offsetOf({ key }: IDBCursor): number {
  return (key as [string, number])[1];
}

function missing(digest: Digest): FileMissingError {
  return new FileMissingError(`there is no file ${digest} on this device`);
}
