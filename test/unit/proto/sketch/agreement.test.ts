import { describe, expect, it } from "vitest";

import { agreementBinOf, agreementBins, nothingCompared, sumOfAgreements } from "../../../../proto/sketch/agreement.ts";
import { anAgreement } from "../../../support/messages.ts";

describe("the distances of two models' answers", () => {
  it.each([
    [0, 0],
    [1e-7, 0],
    [0.1, 10],
    [0.11, 10],
    [Number.POSITIVE_INFINITY, agreementBins - 1],
  ])("of %s are counted in bin %i", (distance, bin) => {
    expect(agreementBinOf(distance)).toBe(bin);
  });

  it("add up with everything that is counted beside them", () => {
    const distance = new Uint32Array(agreementBins);
    distance[0] = 16;
    distance[12] = 4;
    expect(sumOfAgreements(anAgreement(), anAgreement())).toEqual({
      compared: 20,
      disagreed: 4,
      skipped: 6,
      failed: 2,
      activeWorkMs: 83,
      candidateWorkMs: 40.5,
      distance,
    });
    expect(sumOfAgreements(nothingCompared(), anAgreement())).toEqual(anAgreement());
  });
});
