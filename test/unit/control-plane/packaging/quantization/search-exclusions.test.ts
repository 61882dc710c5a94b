import { describe, expect, it } from "vitest";
import { searchExclusions } from "../../../../../control-plane/packaging/quantization/search-exclusions.ts";

const nodes = Array.from({ length: 16 }, (_, i) => `n${i}`);
const generous = { most: 3, goodEnough: 0.01, mostEvaluations: 200 };

/** A model whose error is the sum of the harms of its quantized nodes. */
function additive(harms: Readonly<Record<string, number>>) {
  const asked: string[][] = [];
  const distance = (exclude: readonly string[]) => {
    asked.push([...exclude]);
    return Promise.resolve(
      Object.entries(harms).reduce((sum, [node, harm]) => sum + (exclude.includes(node) ? 0 : harm), 0),
    );
  };
  return { distance, asked };
}

describe("the search for harmful nodes", () => {
  it("finds them, the worst first, with what each was good for", async () => {
    const { distance, asked } = additive({ n3: 0.25, n12: 0.5, n7: 0.001 });
    expect(await searchExclusions(nodes, distance, { ...generous, goodEnough: 0.1 })).toEqual({
      found: [
        { nodes: ["n12"], distance: expect.closeTo(0.251) },
        { nodes: ["n3"], distance: expect.closeTo(0.001) },
      ],
      before: expect.closeTo(0.751),
    });
    expect(asked.length).toBeLessThan(nodes.length + 4);
  });

  it("leaves a model alone that is good enough", async () => {
    const { distance, asked } = additive({ n3: 0.005 });
    expect(await searchExclusions(nodes, distance, generous)).toEqual({ found: [], before: 0.005 });
    expect(asked).toEqual([[]]);
  });

  it("takes no node that hardly gains anything", async () => {
    const harms = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`n${i}`, 0.01]));
    const { found } = await searchExclusions(Object.keys(harms), additive(harms).distance, generous);
    expect(found).toEqual([]);
  });

  it("takes nodes together that do harm only together", async () => {
    const pair = ["n4", "n5"];
    const distance = (exclude: readonly string[]) =>
      Promise.resolve(pair.every((node) => exclude.includes(node)) ? 0.1 : 1);
    expect((await searchExclusions(nodes, distance, generous)).found).toEqual([{ nodes: pair, distance: 0.1 }]);
  });

  it("finds a culprit whose neighbours had better stay quantized", async () => {
    // Left in float beside n9, n8 makes it worse than before.
    const distance = (exclude: readonly string[]) => {
      if (exclude.length === nodes.length) return Promise.resolve(0);
      if (!exclude.includes("n9")) return Promise.resolve(1);
      return Promise.resolve(exclude.includes("n8") || exclude.includes("n10") ? 1.2 : 0.3);
    };
    const { found } = await searchExclusions(nodes, distance, { ...generous, most: 1 });
    expect(found).toEqual([{ nodes: ["n9"], distance: 0.3 }]);
  });

  it("helps a model that cannot be run at all", async () => {
    const distance = (exclude: readonly string[]) => Promise.resolve(exclude.includes("n6") ? 0.005 : Infinity);
    expect(await searchExclusions(nodes, distance, generous)).toEqual({
      found: [{ nodes: ["n6"], distance: 0.005 }],
      before: Infinity,
    });
  });

  it("without candidates, or when none may be left out, asks once", async () => {
    const { distance, asked } = additive({ n0: 1 });
    expect(await searchExclusions([], distance, generous)).toEqual({ found: [], before: 1 });
    expect(await searchExclusions(nodes, distance, { ...generous, most: 0 })).toEqual({ found: [], before: 1 });
    expect(asked).toEqual([[], []]);
  });
});
