import { expect, test } from "vitest";
import { createRewindRecord } from "../../../../control-plane/application/rewind-record.ts";

test("a fleet of any size gets past what a restored database has forgotten", () => {
  const rewinds = createRewindRecord();
  const lanes = Array.from({ length: 40_000 }, (_, i) => `cam-${i >> 1} ${i % 2 === 0 ? "windows" : "lifecycle"} e1`);
  let now = 0;
  for (let round = 0; round < 10; round++, now += 1_000)
    for (const lane of lanes) {
      rewinds.note(lane, 6, 9);
      rewinds.mayAsk(lane, 5, now);
    }
  expect(lanes.filter((lane) => !rewinds.isInVain(lane, 6, 9))).toEqual([]);
});
