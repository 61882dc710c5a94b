import type { HealthReading } from "./ports.ts";

/** On battery, below this charge, nothing is done that can wait. */
const leastCharge = 0.3;

/**
 * Why a device cannot afford to run a candidate in the shade just now, in words; undefined: it can. What it does not show of itself
 * never pauses anything.
 */
export function shadowPause(reading: HealthReading): string | undefined {
  const { throttled, battery, "on-battery": onBattery } = reading;
  if (throttled !== undefined && throttled > 0) return "the device is throttled";
  if (onBattery !== undefined && onBattery > 0 && battery !== undefined && battery < leastCharge)
    return `the device is on battery, with ${Math.round(battery * 100)} % of its charge`;
  return undefined;
}
