import type { Spool } from "../../edge-agent/core/ports.ts";
import { decodeSpoolRecord, encodeSpoolRecord } from "../../edge-agent/core/spool-record.ts";
import { lanes } from "../../proto/telemetry-messages.ts";
import type { Defect } from "./live-through.ts";

/** A mistake that somebody could make in the way of a record, and that must be noticed. */
export interface SeededDefect extends Defect {
  readonly name: string;
  /** The seed of the schedules that are tried: one that soon meets what the mistake needs. 1 unless told. */
  readonly drawnWith?: number;
}

type Stores = Parameters<Parameters<Parameters<NonNullable<Defect["database"]>>[0]["transaction"]>[0]>[0];

export const seededDefects: readonly SeededDefect[] = [
  {
    name: "an acknowledgement deletes one record more than it names",
    spool: (spool) => withMethods(spool, { trim: (lane, through) => spool.trim(lane, through + 1) }),
  },
  {
    name: "records give way to a quota without a tombstone",
    spool: (spool) => withMethods(spool, { replaceOldest: (lane, through) => spool.trim(lane, through) }),
  },
  {
    name: "a tombstone stands for one record less than it replaces",
    spool: (spool) =>
      withMethods(spool, {
        replaceOldest: async (lane, through, bytes) => {
          const { timeMs, body } = decodeSpoolRecord({ seq: through, bytes }, 0);
          const less = body.kind === "tombstone" ? { ...body, from: body.from + 1, count: body.count - 1 } : body;
          await spool.replaceOldest(lane, through, encodeSpoolRecord(lane, timeMs, less));
        },
      }),
  },
  {
    name: "an acknowledgement of a whole lane takes what came after it, too",
    spool: (spool) => withMethods(spool, { trim: (lane) => spool.trim(lane, spool.extent(lane).next - 1) }),
  },
  {
    name: "a duplicate is stored again",
    drawnWith: 9,
    database: storing((stores) => ({ ...stores, telemetry: { ...stores.telemetry, cursor: async () => 0 } })),
  },
  {
    name: "the cursor moves, and the records are not stored",
    database: storing((stores) => ({
      ...stores,
      telemetry: {
        ...stores.telemetry,
        append: (entries) =>
          stores.telemetry.append(entries.filter(({ record }) => record.body.kind !== "window" || record.seq % 7 > 0)),
      },
    })),
  },
  {
    name: "a gap is accepted, and not noted",
    drawnWith: 5,
    database: storing((stores) => ({ ...stores, telemetry: { ...stores.telemetry, noteGap: async () => undefined } })),
  },
  {
    name: "records are acknowledged before they are committed",
    drawnWith: 2,
    database: (database) => ({
      ...database,
      transaction: async (work) => {
        const kept = await new Promise<unknown>((resolve, reject) => {
          database
            .transaction(async (stores, afterCommit) => {
              const result = await work(stores, afterCommit);
              resolve(result);
              return result;
            })
            .catch(reject);
        });
        return kept as Awaited<ReturnType<typeof work>>;
      },
    }),
  },
  {
    name: "an event is told twice",
    database: storing((stores) => {
      const { events } = stores;
      const twice: typeof events.add = async (event) => {
        await events.add(event);
        return await events.add(event);
      };
      return { ...stores, events: { ...events, add: twice } };
    }),
  },
  {
    name: "a spool that begins anew keeps its epoch",
    drawnWith: 6,
    spool: (spool) =>
      withMethods(spool, {
        renew: async () => {
          for (const lane of lanes) await spool.trim(lane, spool.extent(lane).next - 1);
        },
      }),
  },
  {
    name: "windows that wait are merged, and stay there",
    drawnWith: 3,
    spool: (spool) =>
      withMethods(spool, {
        replaceHeld: async (lane, records) => {
          const before = await spool.held(lane);
          await spool.replaceHeld(lane, [...records, ...before]);
        },
      }),
  },
  {
    name: "a merge forgets a window",
    drawnWith: 4,
    spool: (spool) => withMethods(spool, { held: async (lane) => (await spool.held(lane)).slice(1) }),
  },
  {
    name: "nobody looks whether a number was used by another disk",
    drawnWith: 8,
    database: storing((stores) => ({
      ...stores,
      telemetry: { ...stores.telemetry, lastMark: async () => undefined },
    })),
  },
];

function withMethods(spool: Spool, methods: Partial<Spool>): Spool {
  return {
    get epoch() {
      return spool.epoch;
    },
    wasReset: spool.wasReset,
    append: (lane, record) => spool.append(lane, record),
    read: (lane, from, bytes, records) => spool.read(lane, from, bytes, records),
    trim: (lane, through) => spool.trim(lane, through),
    extent: (lane) => spool.extent(lane),
    replaceOldest: (lane, through, record) => spool.replaceOldest(lane, through, record),
    hold: (lane, record) => spool.hold(lane, record),
    held: (lane) => spool.held(lane),
    heldCount: (lane) => spool.heldCount(lane),
    replaceHeld: (lane, records) => spool.replaceHeld(lane, records),
    release: (lane) => spool.release(lane),
    renew: (record) => spool.renew(record),
    ...methods,
  };
}

function storing(change: (stores: Stores) => Stores): NonNullable<Defect["database"]> {
  return (database) => ({
    ...database,
    transaction: (work) => database.transaction((stores, afterCommit) => work(change(stores), afterCommit)),
  });
}
