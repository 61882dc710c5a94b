import type { Database as SqliteHandle } from "better-sqlite3";
import type { StoredFamily, StoredFamilyName, UsageStore } from "../application/stores.ts";
import type { Connection, Session } from "./session.ts";
import { preparedOnce } from "./prepared-once.ts";

/**
 * How much is stored of what devices send, counted in the transaction that stores or deletes it: the sum is never old and costs one row. Bytes
 * are those of the content and a little for the row itself; the file of the database is larger by what its pages leave free.
 */
export function createUsageStore(session: Session): UsageStore {
  return {
    families: () => session.read(async ({ handle }) => statementsOf(handle).all.all() as StoredFamily[]),
  };
}

/** Of a row beside its content: columns, its place in the table and in the index. */
export const rowBytes = { telemetry: 96, samples: 256, logs: 96, events: 96 } as const;

export function noteStored({ handle }: Pick<Connection, "handle">, name: StoredFamilyName, of: Amount): void {
  if (of.rows > 0) change(handle, name, [of.rows, of.bytes, 0, 0]);
}

export function noteDeleted({ handle }: Pick<Connection, "handle">, name: StoredFamilyName, of: Amount): void {
  if (of.rows > 0) change(handle, name, [-of.rows, -of.bytes, of.rows, of.bytes]);
}

export function bytesStored({ handle }: Pick<Connection, "handle">, name: StoredFamilyName): number {
  const row = statementsOf(handle).bytes.get(name) as { readonly bytes: number } | undefined;
  return row?.bytes ?? 0;
}

interface Amount {
  readonly rows: number;
  readonly bytes: number;
}

/**
 * The oldest rows that have to go so that what is left has no more than `mostBytes`; `oldest` are candidates in order of their age.
 *
 * Example: 100 bytes are stored, 70 may be; of rows of 20, 20 and 20 bytes the first two go.
 */
export function beyond<Row extends { readonly bytes: number }>(
  oldest: readonly Row[],
  stored: number,
  mostBytes: number,
): readonly Row[] {
  let left = stored;
  const kept = oldest.findIndex(({ bytes }) => {
    if (left <= mostBytes) return true;
    left -= bytes;
    return false;
  });
  return kept === -1 ? oldest : oldest.slice(0, kept);
}

export function amountOf(rows: readonly { readonly bytes: number }[]): Amount {
  return { rows: rows.length, bytes: rows.reduce((sum, { bytes }) => sum + bytes, 0) };
}

type Changes = [rows: number, bytes: number, deletedRows: number, deletedBytes: number];

function change(handle: SqliteHandle, name: StoredFamilyName, changes: Changes): void {
  const { add, begin } = statementsOf(handle);
  if (add.run(...changes, name).changes === 0) begin.run(name, ...changes);
}

function prepare(handle: SqliteHandle) {
  return {
    all: handle.prepare<[]>(
      "select family, rows, bytes, deleted_rows as deletedRows, deleted_bytes as deletedBytes from stored_family order by family",
    ),
    bytes: handle.prepare<[string]>("select bytes from stored_family where family = ?"),
    add: handle.prepare<[...Changes, string]>(
      "update stored_family set rows = rows + ?, bytes = bytes + ?, deleted_rows = deleted_rows + ?, " +
        "deleted_bytes = deleted_bytes + ? where family = ?",
    ),
    begin: handle.prepare<[string, ...Changes]>("insert into stored_family values (?, ?, ?, ?, ?)"),
  };
}

const statementsOf = preparedOnce(prepare);
