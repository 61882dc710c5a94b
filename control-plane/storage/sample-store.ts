import type { Selectable } from "kysely";
import { sql as raw } from "kysely";
import type { DeviceId, Digest, ModelName, ModelVersion, SampleRequestId } from "../../proto/ids.ts";
import type { TakenReason } from "../../proto/telemetry-messages.ts";
import type { SampleLine, SampleStore } from "../application/telemetry-stores.ts";
import type { StoredSamplingSettings } from "../domain/sampling-settings.ts";
import { fromJson, toJson } from "./row-mapping.ts";
import { sampleRequestStore } from "./sample-request-store.ts";
import type { SampleTable } from "./sample-schema.ts";
import type { Session } from "./session.ts";
import { amountOf, beyond, bytesStored, noteDeleted, noteStored, rowBytes } from "./stored-families.ts";

/** Rows that one deletion takes at most, so that writers behind it wait for milliseconds. */
const deletedPerSlice = 500;

/** All but what is sealed: a thousand samples can be a gigabyte. */
const headColumns = [
  "id",
  "device",
  "model",
  "version",
  "package",
  "variant",
  "reason",
  "request",
  "probability",
  "taken_at",
  "received_at",
] as const;

const storedBytes = raw<number>`octet_length(ciphertext) + ${rowBytes.samples}`.as("bytes");

export function createSampleStore(session: Session): SampleStore {
  return {
    ...sampleRequestStore(session),
    add: (device, sample, receivedAtMs) =>
      session.write(async (connection) => {
        noteStored(connection, "samples", { rows: 1, bytes: sample.sealed.ciphertext.length + rowBytes.samples });
        await connection.sql
          .insertInto("sample")
          .values({
            device,
            model: sample.model,
            version: sample.version,
            package: sample.package,
            variant: sample.variant,
            reason: sample.reason,
            request: sample.request ?? null,
            probability: sample.inclusionProbability,
            taken_at: sample.takenAtMs,
            received_at: receivedAtMs,
            ephemeral_key: sample.sealed.ephemeralKey,
            ciphertext: sample.sealed.ciphertext,
          })
          .execute();
      }),
    addPart: (device, { part, sealed, ...head }, receivedAtMs) =>
      session.write(async ({ sql }) => {
        const { index, of } = part ?? { index: 1, of: 1 };
        const before = await sql
          .selectFrom("sample_part")
          .select(["ephemeral_key", "ciphertext"])
          .where("device", "=", device)
          .orderBy("part")
          .execute();
        const follows =
          before.length === index - 1 &&
          before.every((row) => Buffer.compare(row.ephemeral_key, sealed.ephemeralKey) === 0);
        if (!follows || index === of) await sql.deleteFrom("sample_part").where("device", "=", device).execute();
        if (!follows && index !== 1) return undefined;
        if (index === of) {
          const ciphertext = Buffer.concat([...before.map((row) => row.ciphertext), sealed.ciphertext]);
          return { ...head, sealed: { ephemeralKey: sealed.ephemeralKey, ciphertext } };
        }
        const columns = { ephemeral_key: sealed.ephemeralKey, ciphertext: sealed.ciphertext };
        await sql
          .insertInto("sample_part")
          .values({ device, part: index, received_at: receivedAtMs, ...columns })
          .execute();
        return undefined;
      }),
    list: ({ model, device, reason, request, sinceMs = 0, beforeId = Number.MAX_SAFE_INTEGER, limit }) =>
      session.read(async ({ sql }) => {
        let rows = sql
          .selectFrom("sample")
          .select([...headColumns, ({ fn }) => fn<number>("length", ["ciphertext"]).as("bytes")])
          .where("received_at", ">=", sinceMs)
          .where("id", "<", beforeId)
          .orderBy("id", "desc")
          .limit(limit);
        if (model !== undefined) rows = rows.where("model", "=", model);
        if (device !== undefined) rows = rows.where("device", "=", device);
        if (reason !== undefined) rows = rows.where("reason", "=", reason);
        if (request !== undefined) rows = rows.where("request", "=", request);
        return (await rows.execute()).map(lineOf);
      }),
    sealed: (id) =>
      session.read(async ({ sql }) => {
        const row = await sql
          .selectFrom("sample")
          .select(["ephemeral_key", "ciphertext"])
          .where("id", "=", id)
          .executeTakeFirst();
        return row && { ephemeralKey: row.ephemeral_key, ciphertext: row.ciphertext };
      }),
    deleteBefore: (ms) =>
      session.write(async (connection) => {
        const { sql } = connection;
        await sql.deleteFrom("sample_part").where("received_at", "<", ms).execute();
        const oldest = sql.selectFrom("sample").select("id").where("received_at", "<", ms).limit(deletedPerSlice);
        const gone = await sql.deleteFrom("sample").where("id", "in", oldest).returning(storedBytes).execute();
        noteDeleted(connection, "samples", amountOf(gone));
        return gone.length;
      }),
    deleteBeyond: (bytes) =>
      session.write(async (connection) => {
        const stored = bytesStored(connection, "samples");
        if (stored <= bytes) return 0;
        const { sql } = connection;
        const oldest = sql.selectFrom("sample").select(["id", storedBytes]).orderBy("id").limit(deletedPerSlice);
        const gone = beyond(await oldest.execute(), stored, bytes);
        await sql
          .deleteFrom("sample")
          .where("id", "<=", gone.at(-1)?.id ?? 0)
          .execute();
        noteDeleted(connection, "samples", amountOf(gone));
        return gone.length;
      }),
    settings: (model) =>
      session.read(async ({ sql }) => {
        const row = await sql
          .selectFrom("sampling_settings")
          .select("settings_json")
          .where("model", "=", model)
          .executeTakeFirst();
        return row && fromJson<StoredSamplingSettings>(row.settings_json);
      }),
    setSettings: (model, settings) =>
      session.write(async ({ sql }) => {
        if (settings === undefined) {
          await sql.deleteFrom("sampling_settings").where("model", "=", model).execute();
          return;
        }
        const columns = {
          settings_json: toJson(settings),
          changed_at: settings.changedAtMs,
          changed_by: settings.changedBy,
        };
        await sql
          .insertInto("sampling_settings")
          .values({ model, ...columns })
          .onConflict((conflict) => conflict.column("model").doUpdateSet(columns))
          .execute();
      }),
  };
}

type SampleRow = Pick<Selectable<SampleTable>, (typeof headColumns)[number]> & { readonly bytes: number };

function lineOf(row: SampleRow): SampleLine {
  return {
    id: row.id,
    device: row.device as DeviceId,
    receivedAtMs: row.received_at,
    head: {
      model: row.model as ModelName,
      version: row.version as ModelVersion,
      package: row.package as Digest,
      variant: row.variant,
      takenAtMs: row.taken_at,
      reason: row.reason as TakenReason,
      inclusionProbability: row.probability,
    },
    request: (row.request ?? undefined) as SampleRequestId | undefined,
    bytes: row.bytes,
  };
}
