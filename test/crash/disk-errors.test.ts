import { describe, expect, it } from "vitest";
import { brokenPromises } from "./check-image.ts";
import { restartOn } from "./check-restart.ts";
import type { CrashWorld } from "./crash-world.ts";
import type { FaultyFiles, Faults } from "./faulty-files.ts";
import { faultyFiles } from "./faulty-files.ts";
import type { Scenario } from "./scenarios.ts";
import { lifeOf, scenarios } from "./scenarios.ts";

const scenario = scenarios.find(({ name }) => name === "an update that succeeds") as Scenario;

/** One life in which the disk refuses what `faults` says; undefined where the agent could not even start: it is started again. */
async function lifeWith(faults: Faults): Promise<{ readonly world: CrashWorld | undefined; readonly count: number }> {
  let faulty: FaultyFiles | undefined;
  const world = await lifeOf(scenario, {
    disk: (disk) => {
      faulty ??= faultyFiles(disk, faults);
      return faulty.disk;
    },
  }).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === faults.code) return undefined;
    throw error;
  });
  return { world, count: faulty?.count() ?? 0 };
}

describe.each(["ENOSPC", "EIO"] as const)("a disk that answers %s", (code) => {
  it.each([
    ["once", 1],
    ["for a while", 12],
  ])(
    "%s, at any operation of an update, costs no model and no record, and the device comes to an end",
    async (_, lasts) => {
      let lived = 0;
      for (let from = 1; ; from++) {
        const { world, count } = await lifeWith({ code, from, until: from + lasts });
        if (count < from) break;
        if (world === undefined) continue;
        lived++;
        const { image } = world.files;
        const promises = world.promisesAt();
        const now = world.clock.monotonic();
        const { packages } = world.options;
        expect(await brokenPromises({ image, promises, packages, now }), `${code} at ${from}`).toEqual([]);
        const state = JSON.parse(promises.saved ?? "{}") as { models?: { failure?: { reason: string } }[] };
        const failure = state.models?.[0]?.failure;
        // A full disk may be the end of an update: then it says so.
        if (failure !== undefined && code === "ENOSPC") expect(failure.reason).toContain("no space");
        else
          expect((await restartOn(image, promises, world.options, scenario)).broken, `${code} at ${from}`).toEqual([]);
      }
      expect(lived).toBeGreaterThan(15);
    },
  );
});
