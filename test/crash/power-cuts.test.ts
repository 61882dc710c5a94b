import { describe, expect, it } from "vitest";
import type { Finding } from "./explore.ts";
import { explore } from "./explore.ts";
import { scenarios } from "./scenarios.ts";

const linesOf = (findings: readonly Finding[]) =>
  findings.map(
    ({ cut, secondCut, broken }) => `cut ${cut}${secondCut === undefined ? "" : `, ${secondCut}`}: ${broken}`,
  );

/** A sample; `npm run crash` enumerates. */
describe.each(scenarios)("a power cut at any disk operation of $name", (scenario) => {
  it.each(["posix", "ext4"] as const)(
    "breaks no promise, whatever of it has reached a disk by the rules of %s",
    async (rules) => {
      const options = { rules, seed: 1, perCut: 8, restarts: 0.015, secondCuts: 0.2 };
      const { findings, images, operations, restarted } = await explore(scenario, options);
      expect(linesOf(findings)).toEqual([]);
      expect(images).toBeGreaterThan(operations);
      expect(restarted).toBeGreaterThan(0);
    },
  );
});

describe("the same seed", () => {
  it("gives the same images", async () => {
    const [scenario] = scenarios;
    if (scenario === undefined) throw new Error("there is no scenario");
    const options = { rules: "posix", seed: 5, perCut: 4, restarts: 0.01, secondCuts: 1 } as const;
    expect(await explore(scenario, options)).toEqual(await explore(scenario, options));
  });
});
