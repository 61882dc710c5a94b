import type { Selectable } from "kysely";
import type { DeviceId, Digest } from "../../proto/ids.ts";
import type { QuarantineCause } from "../../proto/messages.ts";
import type { QuarantineStore } from "../application/stores.ts";
import type { VariantQuarantine } from "../domain/variant-quarantine.ts";
import type { VariantQuarantineTable } from "./schema.ts";
import type { Session } from "./session.ts";

/** Of one variant on one device: it names its runtime itself, and gets a new version of it now and then. */
const keptRuntimes = 4;

export function createQuarantineStore(session: Session): QuarantineStore {
  return {
    note: ({ package: digest, deviceClass, sinceMs, ...rest }) =>
      session.write(async ({ sql }) => {
        const { cause, reason, device, variant, runtime } = rest;
        const others = sql
          .selectFrom("variant_quarantine")
          .select("runtime")
          .where("package", "=", digest)
          .where("variant", "=", variant)
          .where("device", "=", device)
          .where("runtime", "!=", runtime);
        await sql
          .deleteFrom("variant_quarantine")
          .where("package", "=", digest)
          .where("variant", "=", variant)
          .where("device", "=", device)
          .where(
            "runtime",
            "in",
            others
              .orderBy("since", "desc")
              .offset(keptRuntimes - 1)
              .limit(keptRuntimes),
          )
          .execute();
        await sql
          .insertInto("variant_quarantine")
          .values({ ...rest, package: digest, device_class: deviceClass, since: sinceMs })
          .onConflict((conflict) =>
            conflict
              .columns(["package", "variant", "device", "runtime"])
              .doUpdateSet({ cause, reason, device_class: deviceClass }),
          )
          .execute();
      }),
    lift: (device, digest, variant) =>
      session.write(async ({ sql }) => {
        await sql
          .deleteFrom("variant_quarantine")
          .where("package", "=", digest)
          .where("variant", "=", variant)
          .where("device", "=", device)
          .execute();
      }),
    of: (digest) =>
      session.read(async ({ sql }) => {
        const rows = await sql
          .selectFrom("variant_quarantine")
          .selectAll()
          .where("package", "=", digest)
          .orderBy("variant")
          .orderBy("device")
          .execute();
        return rows.map(quarantineOf);
      }),
  };
}

function quarantineOf(row: Selectable<VariantQuarantineTable>): VariantQuarantine {
  return {
    device: row.device as DeviceId,
    package: row.package as Digest,
    variant: row.variant,
    deviceClass: row.device_class,
    runtime: row.runtime,
    cause: row.cause as QuarantineCause,
    reason: row.reason,
    sinceMs: row.since,
  };
}
