import type { TelemetryRecord } from "../../proto/telemetry-messages.ts";

/**
 * By what a record is told from another one under the same number: two disks that were copied from each other give the same numbers
 * to different records. The moments in it come from clocks with milliseconds, so that two devices hardly ever agree on all of them; fields
 * that a newer or older program may not know are left out, so that one and the same record always has the same mark.
 *
 * Undefined for a tombstone: it may take the place of any record that has arrived already.
 */
export function markOf({ timeMs, body }: TelemetryRecord): string | undefined {
  switch (body.kind) {
    case "tombstone":
      return undefined;
    case "event":
      return `${timeMs} ${body.name}`;
    case "window":
      return `${timeMs} ${body.startedAtMs} ${body.endedAtMs} ${body.inferences}`;
    case "health":
      return `${timeMs} ${body.startedAtMs} ${body.endedAtMs}`;
    case "log":
      return `${timeMs} ${body.sentence}`;
    case "sample":
      return `${timeMs} ${body.takenAtMs} ${body.sealed.ciphertext.length}`;
  }
}
