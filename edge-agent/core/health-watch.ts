import type { HealthWindow } from "../../proto/telemetry-messages.ts";
import { minutes } from "../../proto/units.ts";
import { closedHealthWindow, openHealthWindow, withReading } from "./health-window.ts";
import type { Clock, HealthReading, HealthSensors, Logger, Random } from "./ports.ts";

export interface HealthWatchPorts {
  readonly sensors: HealthSensors | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Of its quota, from 0 to 1. */
  readonly spoolFill: () => number;
  readonly tell: (window: HealthWindow) => void;
  /** Each time it was read. */
  readonly onReading?: (reading: HealthReading) => void;
}

/** Reading a dozen small files once a minute costs a device nothing that it could measure. */
export const readEveryMs = minutes(1);
/** Four windows an hour, of some 200 bytes each. */
export const windowMs = minutes(15);

/** Reads how the device is, and tells it a few times an hour, until the signal is aborted; rejects then. */
export async function watchHealth(ports: HealthWatchPorts, signal: AbortSignal): Promise<never> {
  const { clock, random, tell } = ports;
  // Each device at a moment of its own: a fleet that was switched on together does not report together.
  let closesAt = clock.monotonic() + Math.max(readEveryMs, random.next() * windowMs);
  let window = openHealthWindow(clock.now());
  for (;;) {
    const reading = await readNow(ports);
    ports.onReading?.(reading);
    window = withReading(window, reading);
    if (clock.monotonic() >= closesAt) {
      const closed = closedHealthWindow(window, clock.now());
      if (closed !== undefined) tell(closed);
      window = openHealthWindow(clock.now());
      closesAt += windowMs;
    }
    await clock.sleep(readEveryMs, signal);
  }
}

async function readNow({ sensors, spoolFill, log }: HealthWatchPorts): Promise<HealthReading> {
  try {
    return { ...(await sensors?.read()), spool: spoolFill() };
  } catch (error) {
    log.debug({ error: String(error) }, "the device's health could not be read");
    return { spool: spoolFill() };
  }
}
