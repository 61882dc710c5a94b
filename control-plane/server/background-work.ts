import { minutes, seconds } from "../../proto/units.ts";
import type { DeviceRegistry } from "../application/device-registry.ts";
import type { Clock, Logger } from "../application/ports.ts";
import type { SqliteDatabase } from "../storage/database.ts";
import type { KeptIdentity } from "./server-identity.ts";
import { renewalEveryMs } from "./server-identity.ts";

const silenceEveryMs = seconds(5);
const retentionEveryMs = minutes(10);
/** Between two slices, so that ingest gets its turn. */
const betweenSlicesMs = 20;

/** Until the signal: devices that fell silent become offline. */
export function watchSilence(registry: DeviceRegistry, clock: Clock, log: Logger, signal: AbortSignal): Promise<void> {
  return repeat(silenceEveryMs, "silent devices could not be judged", () => registry.judgeSilence(), {
    clock,
    log,
    signal,
  });
}

/** Until the signal: the ports take over renewed certificates. */
export function keepIdentity(identity: KeptIdentity, clock: Clock, log: Logger, signal: AbortSignal): Promise<void> {
  return repeat(renewalEveryMs, "the certificate could not be looked at", () => identity.renew(), {
    clock,
    log,
    signal,
  });
}

export interface Retention {
  readonly telemetryMs: number;
  readonly eventsMs: number;
  readonly samplesMs: number;
  readonly samplesBytes: number;
}

/** Until the signal: telemetry, lines of logs, events and samples that are older, or more than there is room for, are deleted, slice by slice. */
export function keepRetention(
  database: Pick<SqliteDatabase, "telemetry" | "events" | "samples" | "logs" | "truncateLog">,
  { telemetryMs, eventsMs, samplesMs, samplesBytes }: Retention,
  clock: Clock,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  const deleteOld = async () => {
    while ((await database.telemetry.deleteWindowsBefore(clock.now() - telemetryMs)) > 0)
      await clock.sleep(betweenSlicesMs, signal);
    while ((await database.logs.deleteBefore(clock.now() - telemetryMs)) > 0)
      await clock.sleep(betweenSlicesMs, signal);
    while ((await database.events.deleteBefore(clock.now() - eventsMs)) > 0) await clock.sleep(betweenSlicesMs, signal);
    while ((await database.samples.deleteBefore(clock.now() - samplesMs)) > 0)
      await clock.sleep(betweenSlicesMs, signal);
    while ((await database.samples.deleteBeyond(samplesBytes)) > 0) await clock.sleep(betweenSlicesMs, signal);
    // What was deleted, and a burst of telemetry, made it long; a backup that reads just now is left in peace until the next time.
    database.truncateLog();
  };
  return repeat(retentionEveryMs, "old telemetry, events and samples could not be deleted", deleteOld, {
    clock,
    log,
    signal,
  });
}

async function repeat(
  everyMs: number,
  complaint: string,
  work: () => Promise<void>,
  { clock, log, signal }: { readonly clock: Clock; readonly log: Logger; readonly signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    try {
      await work();
      await clock.sleep(everyMs, signal);
    } catch (error) {
      if (signal.aborted) return;
      log.error({ err: error }, `${complaint}; trying again`);
      await clock.sleep(everyMs, signal).catch(() => undefined);
    }
  }
}
