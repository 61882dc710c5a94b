import type { Lane } from "../../proto/telemetry-messages.ts";
import { minutes } from "../../proto/units.ts";

/** Up to here the queue takes what comes. */
const calmShare = 1 / 4;
const longestMs = minutes(5);

/**
 * How long a device is to wait between two batches of a lane, given the share of the ingest's queue that is in use; undefined while there
 * is no need. A device that has to wait adds its windows up instead of queueing them, so the same counts come in fewer records.
 * Events never wait: they are few, and rollouts are judged by them.
 *
 * Example: the queue is half full: (1/2 - 1/4) / (3/4) of five minutes, 100 s.
 */
export function intervalUnderLoad(lane: Lane, queuedShare: number): number | undefined {
  if (lane === "lifecycle" || queuedShare <= calmShare) return undefined;
  return Math.round((longestMs * (Math.min(1, queuedShare) - calmShare)) / (1 - calmShare));
}
