import Sqlite from "better-sqlite3";
import { DatabaseInUseError } from "./database-errors.ts";
import { openSqlite } from "./native-build.ts";

/**
 * Keeps a second process away from a database. SQLite alone would let two control planes write in turn, each believing that it is
 * the only one. The lock is the operating system's on `<file>.lock`, so it ends with the process, however that ends, and a
 * file that was left behind means nothing.
 *
 * @throws DatabaseInUseError
 */
export function lockFile(file: string): Disposable {
  const lock = openSqlite(`${file}.lock`, { timeout: 0 });
  try {
    lock.pragma("locking_mode = EXCLUSIVE");
    lock.exec("begin exclusive");
  } catch (error) {
    lock.close();
    throw error instanceof Sqlite.SqliteError && error.code.startsWith("SQLITE_BUSY")
      ? new DatabaseInUseError(file, error)
      : error;
  }
  return { [Symbol.dispose]: () => void lock.close() };
}
