import { minutes, seconds } from "../../../proto/units.ts";

/** So many devices begin to fetch in a second. */
const startsPerSecond = 20;
const longestMs = minutes(10);

/**
 * Within how many milliseconds devices that are assigned together begin to fetch, each at a random moment: a stage of thousands must not
 * fall on the control plane and its network in one instant. Never more than a tenth of the time in which an answer is expected.
 *
 * Example: 1 device: 0, at once; 201 devices: 10 s; 100,000 devices with an hour to answer: 6 minutes.
 */
export function downloadSpread(devices: number, deviceTimeoutMs: number): number {
  const spread = (Math.max(0, devices - 1) * seconds(1)) / startsPerSecond;
  return Math.round(Math.min(spread, longestMs, deviceTimeoutMs / 10));
}
