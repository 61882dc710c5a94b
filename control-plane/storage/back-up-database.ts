import { open, rename, rm } from "node:fs/promises";
import { checkQuickly, openReader } from "./open-connection.ts";
import { DatabaseMissingError } from "./database-errors.ts";
import { migrationTable } from "./migrate.ts";
import { openSqlite } from "./native-build.ts";

/** Pages for one step: of 4 KiB each, so that a step takes milliseconds and the signal is heard between two. */
const pagesAtOnce = 2_500;

export interface DatabaseCopy {
  readonly bytes: number;
  /** The newest migration that it holds, such as "0012-…". */
  readonly schema: string | undefined;
}

/**
 * Copies the database as it is at one moment, while a control plane in another process goes on writing to it. `copy` is one whole
 * file that was checked, and it is on the disk when this resolves; what was left there before goes.
 *
 * Rejects with the signal's reason. @throws DatabaseMissingError, NotADatabaseError, DatabaseDamagedError
 */
export async function backUpDatabase(file: string, copy: string, signal: AbortSignal): Promise<DatabaseCopy> {
  const partial = `${copy}.part`;
  await removeCopy(partial);
  try {
    await copyPages(file, partial, signal);
    const schema = settle(partial);
    const bytes = await syncFile(partial);
    await rename(partial, copy);
    return { bytes, schema };
  } finally {
    await removeCopy(partial);
  }
}

async function copyPages(file: string, copy: string, signal: AbortSignal): Promise<void> {
  await open(file, "r").then(
    (handle) => handle.close(),
    (cause: NodeJS.ErrnoException) => {
      throw cause.code === "ENOENT" ? new DatabaseMissingError(file) : cause;
    },
  );
  const source = openReader(file);
  try {
    // A backup in steps begins anew whenever another process writes in between. Within a read transaction the source stands still for
    // this connection; in WAL mode nobody waits for it.
    source.exec("begin");
    source.prepare("select count(*) from sqlite_master").get();
    await source.backup(copy, {
      progress() {
        signal.throwIfAborted();
        return pagesAtOnce;
      },
    });
  } finally {
    source.close();
  }
}

/** Makes the copy one file (its header says WAL, as the source's does), checks it, and answers its schema. */
function settle(copy: string): string | undefined {
  const handle = openSqlite(copy);
  try {
    handle.pragma("journal_mode = DELETE");
    checkQuickly(handle, copy);
    const row = handle.prepare(`select max(name) as name from ${migrationTable}`).get() as { name: string | null };
    return row.name ?? undefined;
  } finally {
    handle.close();
  }
}

async function syncFile(path: string): Promise<number> {
  const handle = await open(path, "r+");
  try {
    await handle.chmod(0o600);
    await handle.sync();
    return (await handle.stat()).size;
  } finally {
    await handle.close();
  }
}

async function removeCopy(path: string): Promise<void> {
  for (const end of ["", "-wal", "-shm", "-journal"]) await rm(`${path}${end}`, { force: true });
}
