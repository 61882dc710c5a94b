import type { CreateTableBuilder, Kysely, Migration } from "kysely";
import { sql } from "kysely";

/** See schema.ts for the words. A migration that has been published is never changed. */
export const first: Migration = {
  async up(db: Kysely<unknown>) {
    await createFleet(db);
    await createModels(db);
    await createRollouts(db);
    await createTelemetry(db);
    await createDrift(db);
    await createEvents(db);
  },
};

/** SQLite keeps any value in any column unless a table is strict. */
function create<Table extends string, Column extends string>(table: CreateTableBuilder<Table, Column>): Promise<void> {
  return table.modifyEnd(sql`strict`).execute();
}

async function createFleet(db: Kysely<unknown>): Promise<void> {
  await create(
    db.schema
      .createTable("device")
      .addColumn("id", "text", (column) => column.primaryKey().notNull())
      .addColumn("labels_json", "text", (column) => column.notNull())
      .addColumn("hardware", "text", (column) => column.notNull())
      .addColumn("secret_hash", "blob", (column) => column.notNull())
      .addColumn("enrolled_at", "integer", (column) => column.notNull())
      .addColumn("revoked_at", "integer")
      .addColumn("agent_version", "text")
      .addColumn("profile_json", "text")
      .addColumn("reported_json", "text")
      .addColumn("presence", "text", (column) => column.notNull())
      .addColumn("presence_boot", "text")
      .addColumn("presence_connection", "integer")
      .addColumn("presence_since", "integer")
      .addColumn("presence_seen", "integer")
      .addCheckConstraint("device_presence", sql`presence in ('unknown', 'online', 'offline')`),
  );
  await create(
    db.schema
      .createTable("enrolment_token")
      .addColumn("hash", "blob", (column) => column.primaryKey().notNull())
      .addColumn("labels_json", "text", (column) => column.notNull())
      .addColumn("created_at", "integer", (column) => column.notNull())
      .addColumn("expires_at", "integer", (column) => column.notNull())
      .addColumn("used_at", "integer")
      .addColumn("used_by", "text"),
  );
  await create(
    db.schema
      .createTable("desired_state")
      .addColumn("device", "text", (column) => column.primaryKey().notNull().references("device.id"))
      .addColumn("epoch", "integer", (column) => column.notNull())
      .addColumn("generation", "integer", (column) => column.notNull())
      .addColumn("models_json", "text", (column) => column.notNull()),
  );
}

async function createModels(db: Kysely<unknown>): Promise<void> {
  await create(
    db.schema
      .createTable("publisher")
      .addColumn("key_id", "text", (column) => column.primaryKey().notNull())
      .addColumn("public_key", "text", (column) => column.notNull())
      .addColumn("added_at", "integer", (column) => column.notNull()),
  );
  await create(
    db.schema
      .createTable("model_version")
      .addColumn("model", "text", (column) => column.notNull())
      .addColumn("version", "text", (column) => column.notNull())
      .addColumn("package", "text", (column) => column.notNull().unique())
      .addColumn("package_size", "integer", (column) => column.notNull())
      .addColumn("manifest_json", "text", (column) => column.notNull())
      .addColumn("publisher", "text", (column) => column.notNull())
      .addColumn("pushed_at", "integer", (column) => column.notNull())
      .addPrimaryKeyConstraint("model_version_key", ["model", "version"]),
  );
}

async function createRollouts(db: Kysely<unknown>): Promise<void> {
  await create(
    db.schema
      .createTable("rollout")
      .addColumn("id", "text", (column) => column.primaryKey().notNull())
      .addColumn("model", "text", (column) => column.notNull())
      .addColumn("created_at", "integer", (column) => column.notNull())
      .addColumn("phase", "text", (column) => column.notNull())
      .addColumn("rollout_json", "text", (column) => column.notNull()),
  );
  await create(
    db.schema
      .createTable("device_update")
      .addColumn("rollout", "text", (column) => column.notNull().references("rollout.id"))
      .addColumn("device", "text", (column) => column.notNull())
      .addColumn("stage", "integer", (column) => column.notNull())
      .addColumn("state", "text", (column) => column.notNull())
      .addColumn("incumbent_json", "text")
      .addColumn("assigned_at", "integer")
      .addColumn("settled_at", "integer")
      .addColumn("reason", "text", (column) => column.notNull())
      .addPrimaryKeyConstraint("device_update_key", ["rollout", "device"]),
  );
}

async function createTelemetry(db: Kysely<unknown>): Promise<void> {
  await create(
    db.schema
      .createTable("telemetry_package")
      .addColumn("no", "integer", (column) => column.primaryKey().notNull())
      .addColumn("digest", "text", (column) => column.notNull().unique()),
  );
  await create(
    db.schema
      .createTable("telemetry_record")
      .addColumn("id", "integer", (column) => column.primaryKey().notNull())
      .addColumn("device", "text", (column) => column.notNull())
      .addColumn("lane", "text", (column) => column.notNull())
      .addColumn("epoch", "text", (column) => column.notNull())
      .addColumn("seq", "integer", (column) => column.notNull())
      .addColumn("kind", "text", (column) => column.notNull())
      .addColumn("package_no", "integer", (column) => column.notNull())
      .addColumn("received_at", "integer", (column) => column.notNull())
      .addColumn("payload", "blob", (column) => column.notNull()),
  );
  // The only index of the largest table: new records go to the end of their package's part, so few pages change.
  await db.schema
    .createIndex("telemetry_record_received")
    .on("telemetry_record")
    .columns(["package_no", "received_at"])
    .execute();
  await create(
    db.schema
      .createTable("telemetry_cursor")
      .addColumn("device", "text", (column) => column.notNull())
      .addColumn("lane", "text", (column) => column.notNull())
      .addColumn("epoch", "text", (column) => column.notNull())
      .addColumn("through", "integer", (column) => column.notNull())
      .addPrimaryKeyConstraint("telemetry_cursor_key", ["device", "lane", "epoch"]),
  );
}

async function createDrift(db: Kysely<unknown>): Promise<void> {
  await create(
    db.schema
      .createTable("drift_monitor")
      .addColumn("stream", "text", (column) => column.primaryKey().notNull())
      .addColumn("state_json", "text", (column) => column.notNull()),
  );
  await create(
    db.schema
      .createTable("drift_alert")
      .addColumn("id", "text", (column) => column.primaryKey().notNull())
      .addColumn("model", "text", (column) => column.notNull())
      .addColumn("version", "text", (column) => column.notNull())
      .addColumn("scope", "text", (column) => column.notNull())
      .addColumn("scope_kind", "text", (column) => column.notNull())
      .addColumn("stream", "text", (column) => column.notNull())
      .addColumn("opened_at", "integer", (column) => column.notNull())
      .addColumn("closed_at", "integer")
      .addColumn("reason", "text", (column) => column.notNull())
      .addColumn("score", "real", (column) => column.notNull()),
  );
}

async function createEvents(db: Kysely<unknown>): Promise<void> {
  await create(
    db.schema
      .createTable("fleet_event")
      .addColumn("seq", "integer", (column) => column.primaryKey().autoIncrement().notNull())
      .addColumn("at", "integer", (column) => column.notNull())
      .addColumn("kind", "text", (column) => column.notNull())
      .addColumn("device", "text")
      .addColumn("rollout", "text")
      .addColumn("text", "text", (column) => column.notNull()),
  );
  await db.schema.createIndex("fleet_event_device").on("fleet_event").columns(["device", "seq"]).execute();
}
