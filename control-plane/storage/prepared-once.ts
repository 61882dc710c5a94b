import type { Database as SqliteHandle } from "better-sqlite3";

/** What `prepare` makes of a connection, made when it is first asked for and kept for as long as the connection is. */
export function preparedOnce<Statements>(
  prepare: (handle: SqliteHandle) => Statements,
): (handle: SqliteHandle) => Statements {
  const prepared = new WeakMap<SqliteHandle, Statements>();
  return (handle) => {
    const known = prepared.get(handle);
    if (known !== undefined) return known;
    const statements = prepare(handle);
    prepared.set(handle, statements);
    return statements;
  };
}
