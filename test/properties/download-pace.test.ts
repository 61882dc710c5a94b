import fc from "fast-check";
import { expect, it } from "vitest";
import { VirtualClock } from "../../edge-agent/adapters/memory/virtual-clock.ts";
import { DownloadPace } from "../../edge-agent/core/download-pace.ts";

const never = new AbortController().signal;
const chunks = fc.array(fc.record({ bytes: fc.integer({ min: 1, max: 65_536 }), pauseMs: fc.nat(2_000) }), {
  maxLength: 30,
});

it("in any span no more bytes are asked for than the rate gives, a second's burst, and one chunk of each download", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1_000, max: 1_000_000 }),
      fc.array(chunks, { maxLength: 3 }),
      async (rate, downloads) => {
        const clock = new VirtualClock();
        const pace = new DownloadPace(clock, () => rate);
        const came: { at: number; bytes: number }[] = [];
        let left = downloads.length;
        for (const download of downloads)
          void (async () => {
            for (const { bytes, pauseMs } of download) {
              await clock.sleep(pauseMs, never);
              came.push({ at: clock.monotonic(), bytes });
              await pace.pay(bytes, never);
            }
            left--;
          })();
        for (let s = 0; s < 10_000 && left > 0; s++) await clock.advance(1_000);
        expect(left).toBe(0);
        const largest = Math.max(0, ...came.map(({ bytes }) => bytes));
        for (const [i, { at: from }] of came.entries()) {
          let sum = 0;
          for (const { at, bytes } of came.slice(i)) {
            sum += bytes;
            expect(sum).toBeLessThanOrEqual((rate * (at - from)) / 1_000 + rate + largest * downloads.length + 1);
          }
        }
      },
    ),
    { numRuns: 50 },
  );
});
