import { describe, expect, it } from "vitest";
import { farNotes } from "../../../../../control-plane/packaging/quantization/variant-notes.ts";
import { quantizing } from "../../../../support/small-models.ts";

const recipe = { options: quantizing("static-int8"), calibration: "auto", autoExclude: 0 } as const;

describe("farNotes", () => {
  it("advises a search for harmful nodes when a static variant is far from the float model", () => {
    expect(farNotes(recipe, 0.3)).toEqual([expect.stringMatching(/--auto-exclude 8/)]);
  });

  it("says nothing when it is near, unknown, searched already, or made in another way", () => {
    expect(farNotes(recipe, 0.05)).toEqual([]);
    expect(farNotes(recipe, undefined)).toEqual([]);
    expect(farNotes({ ...recipe, autoExclude: 3 }, 0.3)).toEqual([]);
    expect(farNotes({ ...recipe, options: quantizing("weights-int4") }, 0.3)).toEqual([]);
  });
});
