import type { Lane } from "../../../proto/telemetry-messages.ts";
import { lanes } from "../../../proto/telemetry-messages.ts";
import { inTurn } from "../../core/in-turn.ts";
import type { Random, Spool, SpooledRecord } from "../../core/ports.ts";
import type { DeviceDatabase } from "./device-database.ts";
import { answerOf, valueAt } from "./device-database.ts";

export interface IndexedSpoolOptions {
  readonly database: DeviceDatabase;
  readonly random: Random;
  /** There was a spool, and the browser has taken it away with everything else. */
  readonly wasLost: boolean;
}

/** What is stored of a lane, without its records: `sizes[i]` is of record `first + i`, and `bytes` the sum of all. */
interface Extent {
  first: number;
  next: number;
  bytes: number;
  readonly sizes: number[];
  /** Sizes of what is held, which lies under [held.<lane>, 0], [held.<lane>, 1], … until it gets its numbers. */
  held: number[];
}

/** Beside each record lies nothing but its key: counted, so that a lane of empty records has a size too. */
const recordOverhead = 32;
const epochGrammar = /^([1-9][0-9]{0,9})-[0-9a-f]{16}$/;

/**
 * The queue of telemetry in a browser's database: a record and the lane's next number are stored in one strict transaction, so a
 * number is never given twice. It begins anew, under a new epoch, when a lane is not what was written; the control plane then knows
 * that sequence numbers start again, and the agent reports the loss.
 */
export async function openIndexedSpool({ database, random, wasLost }: IndexedSpoolOptions): Promise<Spool> {
  const epoch = await database.read(["values"], (transaction) => valueAt(transaction, "values", "spool-epoch"));
  const found = typeof epoch === "string" && epochGrammar.test(epoch) ? await readLanes(database) : undefined;
  if (typeof epoch === "string" && found !== undefined)
    return spoolOver({ database, random, epoch, wasReset: false, extents: found });
  const fresh = epochAfter(typeof epoch === "string" ? epoch : "", random);
  await database.write(["values", "records"], (transaction) => beginAnew(transaction, fresh));
  return spoolOver({
    database,
    random,
    epoch: fresh,
    wasReset: epoch !== undefined || wasLost,
    extents: new Map(),
  });
}

/** One higher than the epoch before; what is no epoch counts as none. */
function epochAfter(epoch: string, random: Random): string {
  return `${1 + Number(epochGrammar.exec(epoch)?.[1] ?? 0)}-${random.hex(8)}`;
}

async function beginAnew(transaction: IDBTransaction, epoch: string): Promise<void> {
  transaction.objectStore("records").clear();
  const values = transaction.objectStore("values");
  for (const lane of lanes) values.delete(nextKey(lane));
  values.put(epoch, "spool-epoch");
}

interface OpenedSpool {
  readonly database: DeviceDatabase;
  readonly random: Random;
  readonly epoch: string;
  readonly wasReset: boolean;
  readonly extents: Map<Lane, Extent>;
}

function spoolOver({ database, random, epoch: firstEpoch, wasReset, extents }: OpenedSpool): Spool {
  let epoch = firstEpoch;
  const alone = inTurn();
  const extentOf = (lane: Lane): Extent => {
    const known = extents.get(lane) ?? { first: 1, next: 1, bytes: 0, sizes: [], held: [] };
    extents.set(lane, known);
    return known;
  };
  const dropThrough = (extent: Extent, through: number) => {
    for (const size of extent.sizes.splice(0, through + 1 - extent.first)) extent.bytes -= size;
    extent.first = through + 1;
  };

  const release = async (lane: Lane) => {
    const extent = extentOf(lane);
    if (extent.held.length === 0) return;
    await database.write(["values", "records"], async (transaction) => {
      const records = transaction.objectStore("records");
      const held = await answerOf(records.getAll(heldRange(lane)));
      for (const [i, record] of held.entries()) records.put(record, [lane, extent.next + i]);
      records.delete(heldRange(lane));
      transaction.objectStore("values").put(extent.next + held.length, nextKey(lane));
    });
    extent.next += extent.held.length;
    extent.sizes.push(...extent.held.splice(0));
  };

  return {
    get epoch() {
      return epoch;
    },
    wasReset,
    append: (lane, record) =>
      alone(async () => {
        await release(lane);
        const extent = extentOf(lane);
        const seq = extent.next;
        await database.write(["values", "records"], async (transaction) => {
          transaction.objectStore("records").put(record.slice(), [lane, seq]);
          transaction.objectStore("values").put(seq + 1, nextKey(lane));
        });
        extent.next = seq + 1;
        extent.sizes.push(sizeOf(record));
        extent.bytes += sizeOf(record);
        return seq;
      }),
    read: (lane, fromSeq, maxBytes, maxRecords) =>
      database.read(["records"], async (transaction) => {
        const range = IDBKeyRange.bound([lane, fromSeq], [lane, []]);
        const records: SpooledRecord[] = [];
        let bytes = 0;
        for (
          let cursor = await answerOf(transaction.objectStore("records").openCursor(range));
          cursor !== null && records.length < maxRecords;
          cursor = await next(cursor)
        ) {
          const record = cursor.value as Uint8Array;
          bytes += record.length;
          if (records.length > 0 && bytes > maxBytes) break;
          records.push({ seq: (cursor.key as [Lane, number])[1], bytes: record });
        }
        return records;
      }),
    trim: (lane, seq) =>
      alone(async () => {
        const extent = extentOf(lane);
        const through = Math.min(seq, extent.next - 1);
        if (through < extent.first) return;
        // Not strict: a record that comes back after a power cut is sent again, and dropped by the control plane.
        await database.writeSoon(["records"], async (transaction) => {
          transaction.objectStore("records").delete(IDBKeyRange.bound([lane, 0], [lane, through]));
        });
        dropThrough(extent, through);
      }),
    extent(lane) {
      const { first, next: following, bytes } = extentOf(lane);
      return { first, next: following, bytes };
    },
    replaceOldest: (lane, through, record) =>
      alone(async () => {
        const extent = extentOf(lane);
        await database.write(["records"], async (transaction) => {
          const records = transaction.objectStore("records");
          records.delete(IDBKeyRange.bound([lane, 0], [lane, through]));
          records.put(record.slice(), [lane, through]);
        });
        dropThrough(extent, through);
        extent.first = through;
        extent.sizes.unshift(sizeOf(record));
        extent.bytes += sizeOf(record);
      }),
    hold: (lane, record) =>
      alone(async () => {
        const extent = extentOf(lane);
        await database.write(["records"], async (transaction) => {
          transaction.objectStore("records").put(record.slice(), [heldKey(lane), extent.held.length]);
        });
        extent.held.push(sizeOf(record));
        extent.bytes += sizeOf(record);
      }),
    held: (lane) =>
      alone(() =>
        database.read(["records"], async (transaction) => {
          const held: Uint8Array[] = await answerOf(transaction.objectStore("records").getAll(heldRange(lane)));
          return held;
        }),
      ),
    heldCount: (lane) => extentOf(lane).held.length,
    replaceHeld: (lane, records) =>
      alone(async () => {
        const extent = extentOf(lane);
        await database.write(["records"], async (transaction) => {
          const store = transaction.objectStore("records");
          store.delete(heldRange(lane));
          for (const [i, record] of records.entries()) store.put(record.slice(), [heldKey(lane), i]);
        });
        const before = extent.held;
        extent.held = records.map(sizeOf);
        extent.bytes += sumOf(extent.held) - sumOf(before);
      }),
    release: (lane) => alone(() => release(lane)),
    renew: (record) =>
      alone(async () => {
        const next = epochAfter(epoch, random);
        await database.write(["values", "records"], async (transaction) => {
          await beginAnew(transaction, next);
          transaction.objectStore("records").put(record.slice(), ["lifecycle", 1]);
          transaction.objectStore("values").put(2, nextKey("lifecycle"));
        });
        epoch = next;
        extents.clear();
        extents.set("lifecycle", { first: 1, next: 2, bytes: sizeOf(record), sizes: [sizeOf(record)], held: [] });
      }),
  };
}

/** Undefined when a lane has holes, or does not end where its next number begins. */
async function readLanes(database: DeviceDatabase): Promise<Map<Lane, Extent> | undefined> {
  return await database.read(["values", "records"], async (transaction) => {
    const extents = new Map<Lane, Extent>();
    for (const lane of lanes) {
      const following = (await valueAt(transaction, "values", nextKey(lane))) ?? 1;
      if (typeof following !== "number") return undefined;
      const range = IDBKeyRange.bound([lane, 0], [lane, []]);
      const seqs: number[] = [];
      const sizes: number[] = [];
      for (
        let cursor = await answerOf(transaction.objectStore("records").openCursor(range));
        cursor !== null;
        cursor = await next(cursor)
      ) {
        if (!(cursor.value instanceof Uint8Array)) return undefined;
        seqs.push((cursor.key as [Lane, number])[1]);
        sizes.push(sizeOf(cursor.value));
      }
      const first = following - seqs.length;
      if (seqs.some((seq, i) => seq !== first + i)) return undefined;
      const held: number[] = [];
      for (const record of await answerOf(transaction.objectStore("records").getAll(heldRange(lane)))) {
        if (!(record instanceof Uint8Array)) return undefined;
        held.push(sizeOf(record));
      }
      extents.set(lane, { first, next: following, bytes: sumOf(sizes) + sumOf(held), sizes, held });
    }
    return extents;
  });
}

function next(cursor: IDBCursorWithValue): Promise<IDBCursorWithValue | null> {
  const request = cursor.request as IDBRequest<IDBCursorWithValue | null>;
  cursor.continue();
  return answerOf(request);
}

function heldKey(lane: Lane): string {
  return `held.${lane}`;
}

function heldRange(lane: Lane): IDBKeyRange {
  return IDBKeyRange.bound([heldKey(lane), 0], [heldKey(lane), []]);
}

function sumOf(sizes: readonly number[]): number {
  return sizes.reduce((sum, size) => sum + size, 0);
}

function nextKey(lane: Lane): string {
  return `next.${lane}`;
}

function sizeOf(record: Uint8Array): number {
  return recordOverhead + record.length;
}
