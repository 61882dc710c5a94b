import { lanes as laneNames } from "../../../proto/messages.ts";
import type { Spool } from "../../core/ports.ts";
import type { MemoryDisk } from "./memory-disk.ts";
import { refuseWhenFull } from "./memory-disk.ts";

export function memorySpool(disk: MemoryDisk): Spool {
  const { lanes } = disk;
  return {
    get epoch() {
      return disk.spoolEpoch;
    },
    wasReset: false,
    async append(lane, record) {
      refuseWhenFull(disk);
      const seq = lanes[lane].next++;
      lanes[lane].records.push({ seq, bytes: record });
      return seq;
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
      const { records, next } = lanes[lane];
      const bytes = records.reduce((sum, record) => sum + record.bytes.length, 0);
      return { first: records[0]?.seq ?? next, next, bytes };
    },
    async replaceOldest(lane, through, record) {
      refuseWhenFull(disk);
      const rest = lanes[lane].records.filter(({ seq }) => seq > through);
      lanes[lane].records = [{ seq: through, bytes: record }, ...rest];
    },
    async renew(record) {
      refuseWhenFull(disk);
      const [counter = "0", name] = disk.spoolEpoch.split("-");
      disk.spoolEpoch = `${Number(counter) + 1}-${name ?? ""}`;
      for (const lane of laneNames) Object.assign(lanes[lane], { records: [], next: 1 });
      Object.assign(lanes.lifecycle, { records: [{ seq: 1, bytes: record }], next: 2 });
    },
  };
}
