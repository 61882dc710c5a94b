import type { DeviceId } from "../../proto/ids.ts";
import type { NewLogLine, TelemetryEntry } from "./telemetry-stores.ts";

/** The lines among what devices sent, each device's in order. What a device had to drop of its log is a line too: whoever reads it must see the hole. */
export function logLinesOf(entries: readonly TelemetryEntry[]): ReadonlyMap<DeviceId, readonly NewLogLine[]> {
  const lines = new Map<DeviceId, NewLogLine[]>();
  for (const { device, lane, record } of entries) {
    if (lane !== "logs") continue;
    const line = lineOf(record);
    if (line === undefined) continue;
    const ofDevice = lines.get(device);
    if (ofDevice === undefined) lines.set(device, [line]);
    else ofDevice.push(line);
  }
  return lines;
}

function lineOf({ timeMs, body }: TelemetryEntry["record"]): NewLogLine | undefined {
  if (body.kind === "log") {
    const { level, sentence, fields, leftOut } = body;
    return { loggedAtMs: timeMs, level, sentence, fields, leftOut };
  }
  if (body.kind !== "tombstone") return undefined;
  const sentence = `${body.count} lines were dropped on the device: ${body.reason}`;
  return { loggedAtMs: timeMs, level: "warn", sentence, fields: [], leftOut: 0 };
}
