import type { DeviceId } from "../../proto/ids.ts";
import type { Logger } from "./ports.ts";
import type { Database } from "./stores.ts";

/** Once a day for each device: its telemetry is not lost, and somebody should look why there is so much. Never rejects. */
export async function tellOverBudget(
  { database, log }: { readonly database: Pick<Database, "transaction">; readonly log: Logger },
  device: DeviceId,
  bytesPerDay: number,
  atMs: number,
): Promise<void> {
  const mebibytes = Math.round(bytesPerDay / 1024 ** 2);
  const text = `${device} sends more telemetry than is taken of one device in a day (${mebibytes} MiB): the rest stays with it`;
  const event = { atMs, kind: "telemetry.over-budget", device, rollout: undefined, text };
  await database
    .transaction(({ events }) => events.add(event))
    .catch((error: unknown) => log.warn({ device, err: error }, text));
}
