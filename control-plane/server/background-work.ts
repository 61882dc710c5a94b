import { minutes, seconds } from "../../proto/units.ts";
import type { DeviceRegistry } from "../application/device-registry.ts";
import type { Clock, Logger } from "../application/ports.ts";
import type { UnheardDevices } from "../application/unheard-devices.ts";
import type { DiskReserve } from "./disk-reserve.ts";
import type { KeptIdentity } from "./server-identity.ts";
import { renewalEveryMs } from "./server-identity.ts";

const silenceEveryMs = seconds(5);
const callAgainEveryMs = seconds(5);
const firstReserveAfterMs = minutes(1);
const reserveEveryMs = minutes(10);

/** Until the signal: devices that fell silent become offline. */
export function watchSilence(registry: DeviceRegistry, clock: Clock, log: Logger, signal: AbortSignal): Promise<void> {
  return repeat(silenceEveryMs, "silent devices could not be judged", () => registry.judgeSilence(), {
    clock,
    log,
    signal,
  });
}

/** Until the signal: who could not be heard on a full disk says everything anew when there is room. */
export function callUnheard(
  unheard: Pick<UnheardDevices, "callAgain">,
  clock: Clock,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  return repeat(callAgainEveryMs, "devices could not be called again", () => unheard.callAgain(), {
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

/** Until the signal: room is kept for a full disk. Not at once: what is ended within a minute needs none. */
export async function keepReserve(
  reserve: Pick<DiskReserve, "keep">,
  clock: Clock,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  await clock.sleep(firstReserveAfterMs, signal).catch(() => undefined);
  await repeat(reserveEveryMs, "room could not be kept", () => reserve.keep(), { clock, log, signal });
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
