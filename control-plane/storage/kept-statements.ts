import type { Database as SqliteHandle, Statement } from "better-sqlite3";

/** Far more than there are; only lists of different lengths make new ones without end. */
const mostStatements = 500;
/** A statement for a thousand rows is long, rare, and not worth its memory. */
const longestText = 4_096;

/**
 * A connection as Kysely sees it, on which each statement is prepared once. Preparing one takes as long as running it, and a birth
 * needs ten. Only for a database whose schema does not change any more: a kept statement remembers the columns of its tables.
 */
export function withKeptStatements(handle: SqliteHandle): { prepare(sql: string): Statement; close(): void } {
  const kept = new Map<string, Statement>();
  return {
    prepare(sql) {
      const known = kept.get(sql);
      if (known !== undefined) return known;
      const statement = handle.prepare(sql);
      if (sql.length > longestText) return statement;
      if (kept.size >= mostStatements) kept.clear();
      kept.set(sql, statement);
      return statement;
    },
    close: () => void handle.close(),
  };
}
