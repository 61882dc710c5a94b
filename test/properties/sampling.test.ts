import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../edge-agent/adapters/memory/seeded-random.ts";
import { withPrivacy } from "../../edge-agent/core/sampling/privacy-rules.ts";
import { SampleDraw } from "../../edge-agent/core/sampling/sample-draw.ts";
import { encodeGoldenSet } from "../../proto/codec/golden.ts";
import type { PrivacyRule } from "../../proto/assignment-messages.ts";
import type { Tensor } from "../../proto/tensors.ts";

describe("the inclusion probability", () => {
  const rounds = 4_000;

  function repeated(weights: readonly number[], most: number, count: number, seed: number) {
    const random = seededRandom(seed);
    return Array.from({ length: rounds }, () => {
      const draw = new SampleDraw<number>(most);
      weights.forEach((weight, item) => draw.offer(weight, 1 - random.next(), () => item));
      return draw.take(count);
    });
  }

  it("of equal weights is how often each item is taken", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 8 }), fc.nat(), (items, count, seed) => {
        const taken = new Uint32Array(items);
        for (const drawn of repeated(Array(items).fill(1), 8, count, seed))
          for (const { item, inclusionProbability } of drawn) {
            taken[item] = (taken[item] as number) + 1;
            expect(inclusionProbability).toBeCloseTo(Math.min(1, count / items), 12);
          }
        const expected = Math.min(1, count / items);
        // Six standard deviations of a binomial share.
        const tolerance = 6 * Math.sqrt((expected * (1 - expected)) / rounds) + 1e-12;
        for (const times of taken) expect(Math.abs(times / rounds - expected)).toBeLessThanOrEqual(tolerance);
      }),
      { numRuns: 15 },
    );
  });

  it("of any weights makes the number of all items of a part unbiased", () => {
    const someWeights = fc.array(fc.double({ min: 0.05, max: 1, noNaN: true }), { minLength: 2, maxLength: 25 });
    fc.assert(
      fc.property(someWeights, fc.integer({ min: 2, max: 8 }), fc.nat(), (weights, count, seed) => {
        // The estimated number of the items with an even place, round by round.
        const estimates = repeated(weights, 8, count, seed).map((drawn) =>
          drawn.reduce(
            (sum, { item, inclusionProbability }) => sum + (item % 2 === 0 ? 1 / inclusionProbability : 0),
            0,
          ),
        );
        const mean = estimates.reduce((sum, one) => sum + one, 0) / rounds;
        const variance = estimates.reduce((sum, one) => sum + (one - mean) ** 2, 0) / rounds;
        const truth = Math.ceil(weights.length / 2);
        expect(Math.abs(mean - truth)).toBeLessThanOrEqual(6 * Math.sqrt(variance / rounds) + 1e-9);
      }),
      { numRuns: 15 },
    );
  });
});

describe("privacy", () => {
  const hash = async (value: number) => (Math.imul(Math.round(value * 1_000), 0x9e3779b1) ^ 0x5bd1e995) >>> 0;
  /** Values that no rule below makes by itself: not a multiple of 1/2, not a small whole number. */
  const secret = fc.integer({ min: 1_000, max: 2_000_000 }).map((n) => Math.fround(n + 0.3127));
  const treatments = fc.constantFrom<PrivacyRule[]>(
    [],
    [{ tensor: "secret", kind: "drop" }],
    [{ tensor: "*", kind: "drop" }],
    [{ tensor: "secret", kind: "round", step: 0.5 }],
    [{ tensor: "*", kind: "round", step: 10 }],
    [{ tensor: "secret", kind: "bin", edges: [10_000, 100_000] }],
    [{ tensor: "secret", kind: "hash" }],
    [{ tensor: "secret", column: 0, kind: "round", step: 2 }],
    [
      { tensor: "*", kind: "keep" },
      { tensor: "secret", kind: "drop" },
    ],
    [
      { tensor: "*", kind: "keep" },
      { tensor: "secret", column: 0, kind: "drop" },
    ],
  );

  it("lets no raw value of a treated input into what is sealed", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(secret, { minLength: 1, maxLength: 40 }), treatments, async (values, rules) => {
        const tensor = (name: string, dims: readonly number[], numbers: readonly number[]): Tensor => ({
          name,
          dataType: "float32",
          dims,
          rawData: new Uint8Array(Float32Array.from(numbers).buffer),
        });
        const inputs = await withPrivacy([tensor("secret", [1, values.length], values)], rules, hash);
        const outputs = await withPrivacy([tensor("score", [1, 1], [0.5])], rules, hash);
        const payload = Buffer.from(encodeGoldenSet({ cases: [{ inputs, outputs }] }));
        for (const value of values) {
          const raw = Buffer.alloc(4);
          raw.writeFloatLE(value);
          expect(payload.includes(raw)).toBe(false);
        }
      }),
      { numRuns: 300 },
    );
  });
});
