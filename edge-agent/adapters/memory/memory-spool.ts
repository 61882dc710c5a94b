import type { Lane } from "../../../proto/telemetry-messages.ts";
import { lanes as laneNames } from "../../../proto/telemetry-messages.ts";
import type { Spool } from "../../core/ports.ts";
import type { MemoryDisk } from "./memory-disk.ts";
import { refuseWhenFull } from "./memory-disk.ts";

export function memorySpool(disk: MemoryDisk): Spool {
  const { lanes } = disk;
  function number(lane: Lane, records: readonly Uint8Array[]): number {
    for (const bytes of records) lanes[lane].records.push({ seq: lanes[lane].next++, bytes });
    return lanes[lane].next - 1;
  }
  return {
    get epoch() {
      return disk.spoolEpoch;
    },
    wasReset: false,
    async append(lane, record) {
      refuseWhenFull(disk);
      return number(lane, [...lanes[lane].held.splice(0), record]);
    },
    async read(lane, fromSeq, maxBytes, maxRecords) {
      const found = lanes[lane].records.filter(({ seq }) => seq >= fromSeq).slice(0, maxRecords);
      let bytes = 0;
      return found.filter((record, i) => {
        bytes += record.bytes.length;
        return i === 0 || bytes <= maxBytes;
      });
    },
    async trim(lane, through) {
      lanes[lane].records = lanes[lane].records.filter(({ seq }) => seq > through);
    },
    extent(lane) {
      const { records, next, held } = lanes[lane];
      const bytes = [...records.map((record) => record.bytes), ...held].reduce((sum, { length }) => sum + length, 0);
      return { first: records[0]?.seq ?? next, next, bytes };
    },
    async replaceOldest(lane, through, record) {
      refuseWhenFull(disk);
      const rest = lanes[lane].records.filter(({ seq }) => seq > through);
      lanes[lane].records = [{ seq: through, bytes: record }, ...rest];
    },
    async hold(lane, record) {
      refuseWhenFull(disk);
      lanes[lane].held.push(record);
    },
    held: async (lane) => [...lanes[lane].held],
    heldCount: (lane) => lanes[lane].held.length,
    async replaceHeld(lane, records) {
      refuseWhenFull(disk);
      lanes[lane].held = [...records];
    },
    async release(lane) {
      number(lane, lanes[lane].held.splice(0));
    },
    async renew(record) {
      refuseWhenFull(disk);
      const [counter = "0", name] = disk.spoolEpoch.split("-");
      disk.spoolEpoch = `${Number(counter) + 1}-${name ?? ""}`;
      for (const lane of laneNames) Object.assign(lanes[lane], { records: [], next: 1, held: [] });
      Object.assign(lanes.lifecycle, { records: [{ seq: 1, bytes: record }], next: 2 });
    },
  };
}
