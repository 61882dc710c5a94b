import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { openFileSpool } from "../adapters/node/file-spool.ts";
import { systemClock } from "../adapters/node/system-clock.ts";
import { systemRandom } from "../adapters/node/system-random.ts";
import type { Logger } from "../core/ports.ts";
import { defaultSpoolBytes } from "../core/spool-rules.ts";
import { TelemetryLog } from "../core/telemetry-log.ts";
import type { Lane } from "../../proto/telemetry-messages.ts";
import { forEachLane } from "../../proto/telemetry-messages.ts";

/** How many records of each lane were there. Of those that were acknowledged last some may be among them: a spool forgets them in its own time. */
export type GivenUp = Readonly<Record<Lane, number>>;

const reason =
  "the telemetry on the device was removed by hand, with `sedge-agent reset`, and some of it may have arrived";

/**
 * Removes the telemetry that was not acknowledged, and leaves an event in its place that says how much it was: the control plane must
 * not take for silence what was thrown away. Undefined: there was no spool, or there is no room for the event either.
 */
export async function giveUpSpool(data: string, log: Logger): Promise<GivenUp | undefined> {
  const directory = join(data, "spool");
  if ((await stat(directory).catch(() => undefined)) === undefined) return undefined;
  try {
    await using spool = await openFileSpool({ directory, random: systemRandom, log });
    const givenUp = forEachLane((lane) => {
      const { first, next } = spool.extent(lane);
      return next - first + spool.heldCount(lane);
    });
    const ports = { spool, clock: systemClock, log, isTaken: () => false };
    const telemetry = new TelemetryLog(ports, defaultSpoolBytes, () => undefined);
    await telemetry.renew(spool.wasReset ? `${reason}; it could not be read back` : reason);
    return givenUp;
  } catch (error) {
    log.error({ error: String(error) }, "the spool is removed without an event that says so");
    await rm(directory, { recursive: true, force: true });
    return undefined;
  }
}
