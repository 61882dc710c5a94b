import Sqlite from "better-sqlite3";
import { Kysely } from "kysely";
import type { Stores } from "../../control-plane/application/stores.ts";
import { StorageFullError } from "../../control-plane/application/storage-errors.ts";
import type { TelemetryIngest, TelemetryIngestOptions } from "../../control-plane/application/telemetry-ingest.ts";
import { createTelemetryIngest } from "../../control-plane/application/telemetry-ingest.ts";
import { createEventLog } from "../../control-plane/storage/event-log.ts";
import { createDeviceLogStore } from "../../control-plane/storage/device-log-store.ts";
import { createHealthStore } from "../../control-plane/storage/health-store.ts";
import { migrateToLatest, TransactionalSqliteDialect } from "../../control-plane/storage/migrate.ts";
import { allMigrations } from "../../control-plane/storage/migrations/all-migrations.ts";
import { createSampleStore } from "../../control-plane/storage/sample-store.ts";
import type { Schema } from "../../control-plane/storage/schema.ts";
import type { TelemetryCursorTable } from "../../control-plane/storage/telemetry-schema.ts";
import type { Connection, Session } from "../../control-plane/storage/session.ts";
import { createTelemetryStore } from "../../control-plane/storage/telemetry-store.ts";
import { createTransactionQueue } from "../../control-plane/storage/transaction-queue.ts";
import type { MemoryHub } from "../../edge-agent/adapters/memory/memory-hub.ts";
import type { VirtualClock } from "../../edge-agent/adapters/memory/virtual-clock.ts";
import { seconds } from "../../proto/units.ts";
import { silentLog } from "../support/agent-world.ts";
import { aModel } from "../support/messages.ts";

/** When the process ends: before the next transaction, with it half done, or when it is committed and nobody has been told. */
export type DeathOfControl = "before" | "within" | "after";

type Database = TelemetryIngestOptions["database"];

const template = await emptyDatabase();

/** The real ingest over the real stores, in a process that can end at any moment and a database that can be set back. */
export class ControlSide implements Disposable {
  readonly #clock: VirtualClock;
  readonly #hub: MemoryHub;
  readonly #wrap: (database: Database) => Database;
  #handle = new Sqlite(template);
  readonly #givenUp: Sqlite.Database[] = [];
  #ingest: TelemetryIngest | undefined;
  /** Of the process whose `#ingest` it is: from then on it neither stores nor says anything. */
  #end: () => void = () => undefined;
  #copy: Buffer | undefined;
  #death: DeathOfControl | undefined;
  #downUntil = 0;
  isFull = false;
  /** Of every history that was given up: how far each lane had come. */
  readonly forgotten: Pick<TelemetryCursorTable, "lane" | "epoch" | "through">[] = [];

  constructor(clock: VirtualClock, hub: MemoryHub, wrap: (database: Database) => Database = (same) => same) {
    this.#clock = clock;
    this.#hub = hub;
    this.#wrap = wrap;
    hub.onMessage = (device, message) => {
      if (message.kind === "telemetry") this.#running()?.accept(device, message);
    };
  }

  /** Batches that its present process has taken. */
  get batches(): number {
    return this.#ingest?.counters().batches ?? 0;
  }

  dies(when: DeathOfControl, downMs: number): void {
    this.#death = when;
    this.#downUntil = this.#clock.monotonic() + downMs;
  }

  copied(): void {
    this.#copy = this.#handle.serialize();
  }

  /** Takes the place of the database while the process is down. */
  restored(): void {
    if (this.#copy === undefined) return;
    this.#end();
    this.forgotten.push(...this.rows<TelemetryCursorTable>("select lane, epoch, through from telemetry_cursor"));
    this.#givenUp.push(this.#handle);
    this.#handle = new Sqlite(this.#copy);
  }

  heals(): void {
    this.#death = undefined;
    this.#downUntil = 0;
    this.isFull = false;
  }

  rows<T>(query: string): T[] {
    return this.#handle.prepare(query).all() as T[];
  }

  /** Databases in memory are the operating system's to the garbage collector: thousands of schedules would leave gigabytes of them. */
  [Symbol.dispose](): void {
    this.#end();
    for (const handle of [...this.#givenUp, this.#handle]) handle.close();
  }

  #running(): TelemetryIngest | undefined {
    if (this.#death === undefined && this.#clock.monotonic() < this.#downUntil) return undefined;
    this.#ingest ??= this.#start();
    return this.#ingest;
  }

  #start(): TelemetryIngest {
    let isDead = false;
    this.#end = () => {
      isDead = true;
      this.#ingest = undefined;
    };
    return createTelemetryIngest({
      database: this.#wrap(this.#mortal(storesOver(this.#handle), () => isDead)),
      gateway: {
        send: async (device, message) => {
          if (!isDead) this.#hub.send(device, message);
          return !isDead;
        },
      },
      clock: this.#clock,
      log: silentLog,
      limits: { retryMs: seconds(5) },
    });
  }

  #mortal(database: Database, isDead: () => boolean): Database {
    const never = new Promise<never>(() => undefined);
    const dies = (when: DeathOfControl) => {
      if (isDead() || this.#death !== when) return false;
      this.#death = undefined;
      this.#end();
      return true;
    };
    return {
      telemetry: database.telemetry,
      transaction: async (work) => {
        if (isDead() || dies("before")) return await never;
        let endedWithin = false;
        try {
          const result = await database.transaction(async (stores, afterCommit) => {
            const done = await work(stores, afterCommit);
            endedWithin = dies("within");
            if (endedWithin) throw new Error("the process ended with the transaction half done");
            if (this.isFull) throw new StorageFullError(":memory:", new Error("no space left"));
            return done;
          });
          return dies("after") || isDead() ? await never : result;
        } catch (error) {
          if (endedWithin || isDead()) return await never;
          throw error;
        }
      },
    };
  }
}

function storesOver(handle: Sqlite.Database): Database {
  const connection = connectionOf(handle);
  const queue = createTransactionQueue(connection, ":memory:", () => Promise.resolve());
  const outside: Session = {
    read: (work) => work(connection),
    write: (work) => queue.run((session) => session.write(work)),
  };
  const storesOf = (session: Session) => ({
    telemetry: createTelemetryStore(session),
    events: createEventLog(session, () => undefined),
    samples: createSampleStore(session),
    health: createHealthStore(session),
    logs: createDeviceLogStore(session),
  });
  return {
    telemetry: storesOf(outside).telemetry,
    // What ingest does not ask for need not be there.
    transaction: (work) =>
      queue.run((session, afterCommit) => work(storesOf(session) as unknown as Stores, afterCommit)),
  };
}

function connectionOf(handle: Sqlite.Database): Connection {
  return { handle, sql: new Kysely<Schema>({ dialect: new TransactionalSqliteDialect({ database: handle }) }) };
}

/** Migrated once: each control side starts from a copy. */
async function emptyDatabase(): Promise<Buffer> {
  const handle = new Sqlite(":memory:");
  const { sql } = connectionOf(handle);
  await migrateToLatest(sql, allMigrations, ":memory:");
  await sql
    .insertInto("sampling_settings")
    .values({ model: aModel, settings_json: "{}", changed_at: 0, changed_by: "anna" })
    .execute();
  return handle.serialize();
}
