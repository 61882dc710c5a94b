import type { DeviceId } from "../../proto/ids.ts";
import type { StreamReference } from "../../proto/manifest.ts";
import type { Labels } from "../domain/device.ts";
import type { DeviceCounts } from "../domain/drift/drift-scope.ts";
import { mergeByDevice } from "../domain/drift/drift-scope.ts";
import type { ReceivedWindow } from "./telemetry-stores.ts";

/**
 * What the devices counted of one stream in these windows, one part for each device. A window leaves out empty bins at its end; the
 * reference knows how many there are. Counts over more bins belong to another reference: they are left out.
 */
export function partsOfStream(
  windows: readonly ReceivedWindow[],
  stream: number,
  reference: StreamReference,
  labels: ReadonlyMap<DeviceId, Labels>,
): readonly DeviceCounts[] {
  const bins = reference.counts.length;
  const parts: DeviceCounts[] = [];
  for (const { device, window } of windows) {
    const counted = window.streams.find((counts) => counts.stream === stream);
    if (counted === undefined || counted.histogram.counts.length > bins) continue;
    const { stream: _, histogram, ...detected } = counted;
    const counts = new Uint32Array(bins);
    counts.set(histogram.counts);
    parts.push({ device, labels: labels.get(device) ?? {}, counts, missing: histogram.missing, ...detected });
  }
  return mergeByDevice(parts, bins);
}

/** Values and missing values of all parts. */
export function rowsOfParts(parts: readonly DeviceCounts[]): number {
  let rows = 0;
  for (const { counts, missing } of parts) {
    rows += missing;
    for (let bin = 0; bin < counts.length; bin++) rows += counts[bin] as number;
  }
  return rows;
}
