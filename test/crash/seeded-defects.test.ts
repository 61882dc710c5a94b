import { describe, expect, it } from "vitest";
import { seededDefects } from "./defects.ts";
import { explore } from "./explore.ts";
import { scenarios } from "./scenarios.ts";

/** A search that finds nothing proves nothing, unless it finds what is there. */
describe("the search for broken promises", () => {
  it.each(seededDefects)("notices that $name", async (defect) => {
    const scenario = scenarios.find(({ name }) => name === defect.scenario);
    if (scenario === undefined) throw new Error(`there is no scenario "${defect.scenario}"`);
    const options = { rules: "posix", seed: 1, perCut: 32, restarts: 0, secondCuts: 0, enough: 1 } as const;
    expect((await explore(scenario, { ...options, defect })).findings).not.toEqual([]);
  });
});
