import { describe, expect, it } from "vitest";

import { AgreementCounts } from "../../../../edge-agent/core/agreement-counts.ts";
import type { PairedWork } from "../../../../edge-agent/core/agreement-counts.ts";

const agreeing = [{ disagrees: false, distance: 0 }];
const pair = (activeMs: number, candidateMs: number): PairedWork => ({ activeMs, candidateMs });

function workIn(pairs: readonly PairedWork[]) {
  const counts = new AgreementCounts();
  for (const one of pairs) counts.countPair(agreeing, one);
  const { activeWorkMs, candidateWorkMs, compared } = counts.take();
  return { activeWorkMs, candidateWorkMs, compared };
}

describe("the work of both versions on the same requests", () => {
  it("leaves out what single ones waited for the processor", () => {
    const pairs = Array.from({ length: 8 }, (_, i) => pair(i === 3 ? 50 : 1, i % 2 === 0 ? 30 : 1));
    expect(workIn(pairs)).toEqual({ activeWorkMs: 8, candidateWorkMs: 8, compared: 8 });
  });

  it("keeps what every request takes longer", () => {
    expect(workIn(Array.from({ length: 80 }, () => pair(1, 2)))).toMatchObject({
      activeWorkMs: 80,
      candidateWorkMs: 160,
    });
  });

  it("counts the last few of a window too, and none of them twice", () => {
    const counts = new AgreementCounts();
    for (let i = 0; i < 11; i++) counts.countPair(agreeing, pair(1, 2));
    counts.countPair(agreeing, undefined);
    expect(counts.take()).toMatchObject({ compared: 12, activeWorkMs: 11, candidateWorkMs: 22 });
    expect(counts.take()).toMatchObject({ compared: 0, activeWorkMs: 0, candidateWorkMs: 0 });
    expect(counts.total).toMatchObject({ compared: 12, activeWorkMs: 11, candidateWorkMs: 22 });
  });
});
