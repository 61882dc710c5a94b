import type { Database as SqliteHandle } from "better-sqlite3";
import type { Kysely } from "kysely";
import type { Schema } from "./schema.ts";

/** One connection, as Kysely sees it and as the hot path does. */
export interface Connection {
  readonly sql: Kysely<Schema>;
  /** For statements that run for every telemetry record; never kept beyond the call. */
  readonly handle: SqliteHandle;
}

/** What a store works with: inside a transaction, that transaction; outside, a reader and short transactions of its own. */
export interface Session {
  read<T>(work: (connection: Connection) => Promise<T>): Promise<T>;
  /** `afterCommit` functions run in order when the commit is durable. */
  write<T>(work: (connection: Connection, afterCommit: AfterCommit) => Promise<T>): Promise<T>;
}

export type AfterCommit = (effect: () => void) => void;
