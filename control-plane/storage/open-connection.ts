import type { Database as SqliteHandle } from "better-sqlite3";
import Sqlite from "better-sqlite3";
import { mebibytes, seconds } from "../../proto/units.ts";
import { StorageFullError } from "../application/storage-errors.ts";
import { DatabaseDamagedError, NotADatabaseError } from "./database-errors.ts";
import { openSqlite } from "./native-build.ts";

const busyTimeoutMs = seconds(5);

/**
 * Opens a file with the settings on which the promise "acknowledged is stored" rests.
 *
 * `synchronous = FULL` comes after the switch to WAL on purpose: better-sqlite3 is built so that a WAL database syncs less
 * (NORMAL), and it goes on printing FULL until the setting is made. With NORMAL a power cut takes commits that were acknowledged.
 *
 * @throws NotADatabaseError, DatabaseDamagedError, StorageFullError
 */
export function openWriter(file: string): SqliteHandle {
  return open(file, (handle) => {
    handle.pragma("journal_mode = WAL");
    handle.pragma("synchronous = FULL");
    handle.pragma("foreign_keys = ON");
    handle.pragma("wal_autocheckpoint = 1000");
    handle.pragma(`journal_size_limit = ${mebibytes(64)}`);
  });
}

/** A second connection that sees what is committed and cannot write: reads never wait for a transaction. */
export function openReader(file: string): SqliteHandle {
  return open(file, (handle) => void handle.pragma("query_only = ON"));
}

function open(file: string, settle: (handle: SqliteHandle) => void): SqliteHandle {
  const handle = openSqlite(file, { timeout: busyTimeoutMs });
  try {
    handle.pragma("trusted_schema = OFF");
    handle.pragma("cell_size_check = ON");
    handle.pragma("temp_store = MEMORY");
    settle(handle);
  } catch (error) {
    handle.close();
    throw explained(error, file);
  }
  return handle;
}

/** False when somebody reads what is in the log: waiting for them would stop everything else in this process. */
export function truncateLog(handle: SqliteHandle): boolean {
  handle.pragma("busy_timeout = 0");
  try {
    const [row] = handle.pragma("wal_checkpoint(TRUNCATE)") as { readonly busy: number }[];
    return row?.busy === 0;
  } finally {
    handle.pragma(`busy_timeout = ${busyTimeoutMs}`);
  }
}

function explained(error: unknown, file: string): unknown {
  if (!(error instanceof Sqlite.SqliteError)) return error;
  if (isFull(error)) return new StorageFullError(file, error);
  if (error.code === "SQLITE_NOTADB") return new NotADatabaseError(file, error);
  return error.code.startsWith("SQLITE_CORRUPT") ? new DatabaseDamagedError(file, [error.message]) : error;
}

/** Of the memory that it shares with other connections SQLite says it in words of its own. */
export function isFull({ code, message }: { readonly code: string; readonly message: string }): boolean {
  return code === "SQLITE_FULL" || code === "SQLITE_IOERR_SHMSIZE" || /no space left/i.test(message);
}

/** @throws DatabaseDamagedError with SQLite's findings */
export function checkQuickly(handle: SqliteHandle, file: string): void {
  let rows: { quick_check: string }[];
  try {
    rows = handle.pragma("quick_check") as { quick_check: string }[];
  } catch (error) {
    if (error instanceof Sqlite.SqliteError && isFull(error)) throw error;
    throw new DatabaseDamagedError(file, [error instanceof Error ? error.message : String(error)]);
  }
  const findings = rows.map(({ quick_check }) => quick_check).filter((finding) => finding !== "ok");
  if (findings.length > 0) throw new DatabaseDamagedError(file, findings);
}
