import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BitDecoder, BitEncoder, Odds } from "../../../../proto/delta/bit-coder.ts";

const question = fc.oneof(
  fc.record({ kind: fc.constant("bit" as const), number: fc.nat(4), answer: fc.nat(1) }),
  fc
    .integer({ min: 0, max: 16 })
    .chain((count) =>
      fc.record({ kind: fc.constant("plain" as const), count: fc.constant(count), answers: fc.nat(2 ** count - 1) }),
    ),
);

describe("the bit coder", () => {
  it("gives every answer back, and reads exactly what was written", () => {
    fc.assert(
      fc.property(
        fc.array(question, { maxLength: 3_000 }),
        fc.integer({ min: 1, max: 500 }),
        (questions, fedAtOnce) => {
          const encoder = new BitEncoder();
          const odds = new Odds(5);
          for (const one of questions)
            if (one.kind === "bit") encoder.bit(odds, one.number, one.answer);
            else encoder.plainBits(one.count, one.answers);
          const coded = encoder.finish();

          const decoder = new BitDecoder();
          let fed = 0;
          const learned = new Odds(5);
          for (const one of questions) {
            while (decoder.left < 64 && fed < coded.length) {
              decoder.feed(coded.subarray(fed, fed + fedAtOnce));
              fed += fedAtOnce;
            }
            if (one.kind === "bit") expect(decoder.bit(learned, one.number)).toBe(one.answer);
            else expect(decoder.plainBits(one.count)).toBe(one.answers);
          }
          expect(decoder.overrun).toBe(0);
        },
      ),
    );
  });

  it("takes hardly any room for answers that are always the same, and one bit for each that is random", () => {
    const same = new BitEncoder();
    const odds = new Odds(1);
    for (let i = 0; i < 100_000; i++) same.bit(odds, 0, 1);
    expect(same.finish().length).toBeLessThan(60);
    const random = new BitEncoder();
    for (let i = 0; i < 1_000; i++) random.plainBits(16, (i * 7_919_777) % 2 ** 16);
    expect(random.finish().length).toBe(2_000 + 5);
  });

  it("counts what it reads beyond the end", () => {
    const decoder = new BitDecoder();
    decoder.feed(Uint8Array.of(1, 2, 3));
    decoder.plainBits(16);
    expect(decoder.overrun).toBeGreaterThan(0);
  });
});
