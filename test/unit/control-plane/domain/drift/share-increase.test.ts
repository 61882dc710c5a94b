import { expect, test } from "vitest";
import { shareIncrease } from "../../../../../control-plane/domain/drift/share-increase.ts";

test("the worked example: 12 of 200 now, 6 of 600 before", () => {
  const { share, increase, chance } = shareIncrease({ hits: 12, all: 200 }, { hits: 6, all: 600 });
  expect(share).toBe(0.06);
  expect(increase).toBeCloseTo(0.05, 12);
  expect(chance).toBeCloseTo(0.0379, 4);
});

test("a smaller share than before is no increase", () => {
  expect(shareIncrease({ hits: 0, all: 200 }, { hits: 60, all: 600 })).toMatchObject({ share: 0, increase: 0 });
});

test("a small reference makes chance large: 5 of 100 after 0 of 50 is within it, after 0 of 1000 it is not", () => {
  const few = shareIncrease({ hits: 5, all: 100 }, { hits: 0, all: 50 });
  expect(few.increase).toBeLessThan(few.chance);
  const many = shareIncrease({ hits: 5, all: 100 }, { hits: 0, all: 1000 });
  expect(many.increase).toBeGreaterThan(many.chance);
});

test("without rows nothing has grown", () => {
  expect(shareIncrease({ hits: 0, all: 0 }, { hits: 0, all: 10 })).toEqual({ share: 0, increase: 0, chance: 0 });
  expect(shareIncrease({ hits: 5, all: 5 }, { hits: 0, all: 0 })).toEqual({ share: 1, increase: 0, chance: 0 });
});
