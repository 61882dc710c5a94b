import type { Selectable } from "kysely";
import type { DeviceId } from "../../proto/ids.ts";
import type { DeviceStore } from "../application/stores.ts";
import type { Device } from "../domain/device.ts";
import type { Presence } from "../domain/presence.ts";
import { unknownPresence } from "../domain/presence.ts";
import { fromJson, fromNull, fromOptionalJson, toJson } from "./row-mapping.ts";
import type { DeviceTable } from "./schema.ts";
import type { Session } from "./session.ts";

/** Rows that are read at once where all are wanted. */
const pageOfList = 1_000;

export function createDeviceStore(session: Session): DeviceStore {
  const change = (id: DeviceId, columns: Partial<DeviceTable>): Promise<void> =>
    session.write(async ({ sql }) => {
      await sql.updateTable("device").set(columns).where("id", "=", id).execute();
    });

  const after: DeviceStore["after"] = (id, limit) =>
    session.read(async ({ sql }) => {
      const page = sql
        .selectFrom("device")
        .selectAll()
        .where("id", ">", id as DeviceId)
        .orderBy("id")
        .limit(limit);
      return (await page.execute()).map(deviceOf);
    });

  return {
    add: (device) =>
      session.write(async ({ sql }) => {
        const added = await sql
          .insertInto("device")
          .values({
            id: device.id,
            labels_json: toJson(device.labels),
            hardware: device.hardware,
            secret_hash: device.secretHash,
            enrolled_at: device.enrolledAtMs,
            presence: "unknown",
          })
          .onConflict((conflict) => conflict.column("id").doNothing())
          .returning("id")
          .executeTakeFirst();
        return added !== undefined;
      }),
    get: (id) =>
      session.read(async ({ sql }) => {
        const row = await sql.selectFrom("device").selectAll().where("id", "=", id).executeTakeFirst();
        return row && deviceOf(row);
      }),
    secretHash: (id) =>
      session.read(async ({ sql }) => {
        const row = await sql
          .selectFrom("device")
          .select("secret_hash")
          .where("id", "=", id)
          .where("revoked_at", "is", null)
          .executeTakeFirst();
        return row?.secret_hash;
      }),
    async list() {
      const devices: Device[] = [];
      // In pages, each a question of its own: between them others have their turn.
      for (
        let page: readonly Device[] = await after("", pageOfList);
        ;
        page = await after(page.at(-1)?.id ?? "", pageOfList)
      ) {
        for (const device of page) devices.push(device);
        if (page.length < pageOfList) return devices;
      }
    },
    after,
    count: () =>
      session.read(async ({ sql }) => {
        const rows = await sql
          .selectFrom("device")
          .select((row) => [
            row.case().when("revoked_at", "is", null).then(row.ref("presence")).else("revoked").end().as("kind"),
            row.fn.countAll<number>().as("count"),
          ])
          .groupBy("kind")
          .execute();
        const counts = { online: 0, offline: 0, unknown: 0, revoked: 0 };
        for (const { kind, count } of rows) counts[kind as keyof typeof counts] = count;
        return counts;
      }),
    setLabels: (id, labels) => change(id, { labels_json: toJson(labels) }),
    revoke: (id, atMs) =>
      session.write(async ({ sql }) => {
        await sql
          .updateTable("device")
          .set({ revoked_at: atMs })
          .where("id", "=", id)
          .where("revoked_at", "is", null)
          .execute();
      }),
    recordBirth: (id, birth) =>
      change(id, {
        agent_version: birth.agentVersion,
        profile_json: toJson(birth.profile),
        reported_json: toJson(birth.reported),
        // Enrolment may not have named the hardware; the device itself knows.
        ...(birth.profile.hardware !== "" && { hardware: birth.profile.hardware }),
      }),
    recordReported: (id, reported) => change(id, { reported_json: toJson(reported) }),
    setPresence: (id, presence) => change(id, presenceColumns(presence)),
    forgetPresence: () =>
      session.write(async ({ sql }) => {
        await sql
          .updateTable("device")
          .set(presenceColumns(unknownPresence))
          .where("presence", "!=", "unknown")
          .execute();
      }),
  };
}

function deviceOf(row: Selectable<DeviceTable>): Device {
  return {
    id: row.id as DeviceId,
    labels: fromJson(row.labels_json),
    hardware: row.hardware,
    enrolledAtMs: row.enrolled_at,
    revokedAtMs: fromNull(row.revoked_at),
    agentVersion: fromNull(row.agent_version),
    profile: fromOptionalJson(row.profile_json),
    reported: fromOptionalJson(row.reported_json),
    presence: presenceOf(row),
  };
}

type PresenceColumns = Pick<
  DeviceTable,
  "presence" | "presence_boot" | "presence_connection" | "presence_since" | "presence_seen"
>;

function presenceColumns(presence: Presence): PresenceColumns {
  const none = { presence_boot: null, presence_connection: null, presence_since: null, presence_seen: null };
  switch (presence.kind) {
    case "unknown":
      return { presence: "unknown", ...none };
    case "online":
      return {
        presence: "online",
        presence_boot: presence.bootId,
        presence_connection: presence.connection,
        presence_since: presence.sinceMs,
        presence_seen: presence.lastSeenMs,
      };
    case "offline":
      return { presence: "offline", ...none, presence_since: presence.sinceMs, presence_seen: presence.lastSeenMs };
  }
}

function presenceOf(row: PresenceColumns): Presence {
  const sinceMs = row.presence_since ?? 0;
  const lastSeenMs = row.presence_seen ?? 0;
  if (row.presence === "offline") return { kind: "offline", sinceMs, lastSeenMs };
  if (row.presence !== "online") return unknownPresence;
  return {
    kind: "online",
    bootId: row.presence_boot ?? "",
    connection: row.presence_connection ?? 0,
    sinceMs,
    lastSeenMs,
  };
}
