import type { Selectable } from "kysely";
import type { DeviceId, Digest, ModelName, ModelVersion, SampleRequestId } from "../../proto/ids.ts";
import type { TakenReason } from "../../proto/messages.ts";
import type { SampleStore, StoredSample } from "../application/ports.ts";
import type { StoredSampleRequest } from "../domain/sample-request.ts";
import type { StoredSamplingSettings } from "../domain/sampling-settings.ts";
import { fromJson, toJson } from "./row-mapping.ts";
import type { SampleRequestTable, SampleTable } from "./schema.ts";
import type { Session } from "./session.ts";

/** Rows that one deletion takes at most, so that writers behind it wait for milliseconds. */
const deletedPerSlice = 500;

export function createSampleStore(session: Session): SampleStore {
  return {
    add: (device, sample, receivedAtMs) =>
      session.write(async ({ sql }) => {
        await sql
          .insertInto("sample")
          .values({
            device,
            model: sample.model,
            version: sample.version,
            package: sample.package,
            variant: sample.variant,
            reason: sample.reason,
            probability: sample.inclusionProbability,
            taken_at: sample.takenAtMs,
            received_at: receivedAtMs,
            ephemeral_key: sample.sealed.ephemeralKey,
            ciphertext: sample.sealed.ciphertext,
          })
          .execute();
      }),
    list: ({ model, device, reason, sinceMs = 0, beforeId = Number.MAX_SAFE_INTEGER, limit }) =>
      session.read(async ({ sql }) => {
        let rows = sql
          .selectFrom("sample")
          .selectAll()
          .where("received_at", ">=", sinceMs)
          .where("id", "<", beforeId)
          .orderBy("id", "desc")
          .limit(limit);
        if (model !== undefined) rows = rows.where("model", "=", model);
        if (device !== undefined) rows = rows.where("device", "=", device);
        if (reason !== undefined) rows = rows.where("reason", "=", reason);
        return (await rows.execute()).map(sampleOf);
      }),
    deleteBefore: (ms) =>
      session.write(async ({ sql }) => {
        const oldest = sql.selectFrom("sample").select("id").where("received_at", "<", ms).limit(deletedPerSlice);
        const { numDeletedRows } = await sql.deleteFrom("sample").where("id", "in", oldest).executeTakeFirst();
        return Number(numDeletedRows);
      }),
    deleteBeyond: (bytes) =>
      session.write(async ({ sql, handle }) => {
        const { total } = handle.prepare("select coalesce(sum(length(ciphertext)), 0) as total from sample").get() as {
          readonly total: number;
        };
        if (total <= bytes) return 0;
        const oldest = await sql
          .selectFrom("sample")
          .select(["id", ({ fn }) => fn<number>("length", ["ciphertext"]).as("bytes")])
          .orderBy("id")
          .limit(deletedPerSlice)
          .execute();
        let left = total;
        const gone = oldest.filter((row) => {
          if (left <= bytes) return false;
          left -= row.bytes;
          return true;
        });
        await sql
          .deleteFrom("sample")
          .where(
            "id",
            "in",
            gone.map(({ id }) => id),
          )
          .execute();
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
    addRequest: ({ id, model, selector, count, untilMs, askedAtMs, askedBy }) =>
      session.write(async ({ sql }) => {
        const columns = { id, model, selector, count, until: untilMs, asked_at: askedAtMs, asked_by: askedBy };
        await sql.insertInto("sample_request").values(columns).execute();
      }),
    requests: (atMs) =>
      session.read(async ({ sql }) => {
        const rows = await sql
          .selectFrom("sample_request")
          .selectAll()
          .where("until", ">", atMs)
          .orderBy("asked_at")
          .orderBy("id")
          .execute();
        return rows.map(requestOf);
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

function sampleOf(row: Selectable<SampleTable>): StoredSample {
  return {
    id: row.id,
    device: row.device as DeviceId,
    receivedAtMs: row.received_at,
    sample: {
      kind: "sample",
      model: row.model as ModelName,
      version: row.version as ModelVersion,
      package: row.package as Digest,
      variant: row.variant,
      takenAtMs: row.taken_at,
      reason: row.reason as TakenReason,
      inclusionProbability: row.probability,
      sealed: { ephemeralKey: row.ephemeral_key, ciphertext: row.ciphertext },
    },
  };
}

function requestOf(row: Selectable<SampleRequestTable>): StoredSampleRequest {
  return {
    id: row.id as SampleRequestId,
    model: row.model as ModelName,
    selector: row.selector,
    count: row.count,
    untilMs: row.until,
    askedAtMs: row.asked_at,
    askedBy: row.asked_by,
  };
}
