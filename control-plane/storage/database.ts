import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Database as SqliteHandle } from "better-sqlite3";
import type { Migration } from "kysely";
import Sqlite from "better-sqlite3";
import { Kysely, SqliteDialect } from "kysely";
import { StorageFullError } from "../application/storage-errors.ts";
import type { Database, Stores } from "../application/stores.ts";
import { createBreather } from "./breather.ts";
import { createDeltaStore } from "./delta-store.ts";
import { createDesiredStore } from "./desired-store.ts";
import { createDeviceStore } from "./device-store.ts";
import { createDriftStore } from "./drift-store.ts";
import { createModelUseStore } from "./model-use-store.ts";
import { createEnrolmentTokenStore } from "./enrolment-token-store.ts";
import { createEventLog } from "./event-log.ts";
import { lockFile } from "./file-lock.ts";
import { migrateToLatest, TransactionalSqliteDialect } from "./migrate.ts";
import { allMigrations } from "./migrations/all-migrations.ts";
import { createAliasStore } from "./alias-store.ts";
import { createArchiveStore } from "./archive-store.ts";
import { createProductionStore } from "./production-store.ts";
import { createOperatorStore } from "./operator-store.ts";
import { createDeviceLogStore } from "./device-log-store.ts";
import { createHealthStore } from "./health-store.ts";
import { withKeptStatements } from "./kept-statements.ts";
import { createModelStore } from "./model-store.ts";
import { checkQuickly, isFull, openReader, openWriter, truncateLog } from "./open-connection.ts";
import { createQuarantineStore } from "./quarantine-store.ts";
import { createPublisherStore } from "./publisher-store.ts";
import { createRolloutStore } from "./rollout-store.ts";
import { createSampleStore } from "./sample-store.ts";
import { createSettingsStore } from "./settings-store.ts";
import { createUsageStore } from "./stored-families.ts";
import type { Schema } from "./schema.ts";
import type { Connection, Session } from "./session.ts";
import { createTelemetryStore } from "./telemetry-store.ts";
import { createTransactionQueue } from "./transaction-queue.ts";

/** Sockets and timers wait no longer than this for questions that follow each other. */
const longestWithoutLookMs = 10;

/**
 * The database of one control plane: one file, one process. One connection writes, one transaction after another; a second one
 * reads what is committed, without waiting. A single write outside of `transaction` is a transaction of its own.
 */
export interface SqliteDatabase extends Database, AsyncDisposable {
  /** Calls the listener after events were committed, with no more than "look again"; answers the function that ends it. */
  onEventsAdded(listener: () => void): () => void;
  /** A setting of the connection that writes, as SQLite tells it. */
  setting(pragma: string): unknown;
  /** The last transaction that wrote found no space left: nothing new is stored, and reading works. */
  isFull(): boolean;
  /**
   * Brings what is in the write-ahead log into the database file, and cuts the log off. False when that has to wait for a transaction or
   * for somebody who reads, such as a backup: it never waits for them.
   */
  truncateLog(): boolean;
}

/**
 * Opens the file, creates it when there is none, checks it and brings it to the newest schema. ":memory:" is a database of its
 * own in a temporary folder that disappears with it.
 *
 * @throws NotADatabaseError, DatabaseDamagedError, DatabaseTooNewError, DatabaseInUseError, StorageFullError
 */
export async function openDatabase(
  file: string,
  migrations: Readonly<Record<string, Migration>> = allMigrations,
): Promise<SqliteDatabase> {
  if (file !== ":memory:") return openFile(file, migrations, () => undefined);
  const folder = mkdtempSync(join(tmpdir(), "sedge-database-"));
  return openFile(join(folder, "sedge.db"), migrations, () => rmSync(folder, { recursive: true, force: true }));
}

async function openFile(
  file: string,
  migrations: Readonly<Record<string, Migration>>,
  afterClose: () => void,
): Promise<SqliteDatabase> {
  const closers = [afterClose];
  const close = () => {
    for (const closer of closers.splice(0).reverse()) closer();
  };
  const held = (handle: SqliteHandle): SqliteHandle => {
    closers.push(() => void handle.close());
    return handle;
  };
  try {
    const lock = lockFile(file);
    closers.push(() => lock[Symbol.dispose]());
    const writer = held(openWriter(file));
    checkQuickly(writer, file);
    const migrating = new Kysely<Schema>({ dialect: new TransactionalSqliteDialect({ database: writer }) });
    await migrateToLatest(migrating, migrations, file);
    return databaseOf(connectionOf(writer), connectionOf(held(openReader(file))), file, close);
  } catch (error) {
    close();
    throw error instanceof Sqlite.SqliteError && isFull(error) ? new StorageFullError(file, error) : error;
  }
}

function connectionOf(handle: SqliteHandle): Connection {
  return { handle, sql: new Kysely<Schema>({ dialect: new SqliteDialect({ database: withKeptStatements(handle) }) }) };
}

function databaseOf(writer: Connection, reader: Connection, file: string, close: () => void): SqliteDatabase {
  const breathe = createBreather(longestWithoutLookMs);
  const queue = createTransactionQueue(writer, file, breathe);
  const listeners = new Set<() => void>();
  const eventsAdded = () => listeners.forEach((listener) => listener());
  const outside: Session = {
    read: (work) => breathe().then(() => work(reader)),
    write: (work) => queue.run((session) => session.write(work)),
  };
  return {
    ...storesOf(outside, eventsAdded),
    transaction: (work) => queue.run((session, afterCommit) => work(storesOf(session, eventsAdded), afterCommit)),
    onEventsAdded(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    setting: (pragma) => writer.handle.pragma(pragma, { simple: true }),
    isFull: () => queue.isFull(),
    truncateLog: () => !writer.handle.inTransaction && truncateLog(writer.handle),
    async [Symbol.asyncDispose]() {
      await queue.idle();
      close();
    },
  };
}

function storesOf(session: Session, eventsAdded: () => void): Stores {
  return {
    devices: createDeviceStore(session),
    tokens: createEnrolmentTokenStore(session),
    publishers: createPublisherStore(session),
    operators: createOperatorStore(session),
    models: createModelStore(session),
    aliases: createAliasStore(session),
    archive: createArchiveStore(session),
    production: createProductionStore(session),
    desired: createDesiredStore(session),
    rollouts: createRolloutStore(session),
    telemetry: createTelemetryStore(session),
    drift: createDriftStore(session),
    uses: createModelUseStore(session),
    events: createEventLog(session, eventsAdded),
    deltas: createDeltaStore(session),
    samples: createSampleStore(session),
    health: createHealthStore(session),
    logs: createDeviceLogStore(session),
    quarantines: createQuarantineStore(session),
    settings: createSettingsStore(session),
    usage: createUsageStore(session),
  };
}
