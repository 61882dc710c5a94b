import { describe, expect, it } from "vitest";
import { SampleDraw } from "../../../../../edge-agent/core/sampling/sample-draw.ts";

/** The worked example: [weight, u], with the priorities 2, 5, 8. */
const example = [
  [1, 0.5],
  [4, 0.8],
  [2, 0.25],
] as const;

function drawOf(offers: readonly (readonly [weight: number, u: number])[], most: number): SampleDraw<number> {
  const draw = new SampleDraw<number>(most);
  offers.forEach(([weight, u], item) => draw.offer(weight, u, () => item));
  return draw;
}

describe("a draw", () => {
  it("takes the highest priorities, with the chances that the next one gives them", () => {
    expect(drawOf(example, 2).take(2)).toEqual([
      { item: 2, inclusionProbability: 1 },
      { item: 1, inclusionProbability: 1 },
    ]);
    expect(drawOf(example, 2).take(1)).toEqual([{ item: 2, inclusionProbability: 0.4 }]);
  });

  it("takes everything with certainty where there is room for it", () => {
    expect(
      drawOf(example, 3)
        .take(3)
        .map(({ inclusionProbability }) => inclusionProbability),
    ).toEqual([1, 1, 1]);
  });

  it("is a plain reservoir where all weights are equal", () => {
    const offers = [0.9, 0.1, 0.5, 0.7].map((u) => [1, u] as const);
    expect(drawOf(offers, 2).take(2)).toEqual([
      { item: 1, inclusionProbability: 0.5 },
      { item: 2, inclusionProbability: 0.5 },
    ]);
  });

  it("never takes what weighs nothing, nor makes an item that it does not keep", () => {
    const draw = new SampleDraw<string>(1);
    const made: string[] = [];
    const offer = (name: string, weight: number, u: number) =>
      draw.offer(weight, u, () => {
        made.push(name);
        return name;
      });
    offer("nothing", 0, 0.001);
    offer("first", 1, 0.1);
    offer("second", 1, 0.2);
    offer("too late", 1, 0.9);
    expect(made).toEqual(["first", "second"]);
    expect(draw.take(1)).toEqual([{ item: "first", inclusionProbability: 1 / 3 }]);
  });

  it("begins anew once something was taken", () => {
    const draw = drawOf(example, 2);
    draw.take(1);
    expect(draw.items).toEqual([]);
    draw.offer(1, 0.5, () => 7);
    expect(draw.take(1)).toEqual([{ item: 7, inclusionProbability: 1 }]);
  });

  it("gives room back when its items turn out large, and the chances stay right", () => {
    const draw = drawOf(example, 2);
    draw.shrinkTo(1);
    expect(draw.items).toHaveLength(2);
    expect(draw.take(2)).toEqual([{ item: 2, inclusionProbability: 0.4 }]);
    draw.shrinkTo(5);
    draw.offer(1, 0.5, () => 1);
    draw.offer(1, 0.4, () => 2);
    draw.offer(1, 0.3, () => 3);
    expect(draw.items).toEqual([3, 2]);
  });
});
