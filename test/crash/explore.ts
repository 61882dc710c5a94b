import { seededRandom } from "../../edge-agent/adapters/memory/seeded-random.ts";
import { brokenPromises } from "./check-image.ts";
import { restartOn } from "./check-restart.ts";
import type { CrashWorld, Defect } from "./crash-world.ts";
import type { DiskRules } from "./possible-images.ts";
import { possibleImages } from "./possible-images.ts";
import type { Scenario } from "./scenarios.ts";
import { lifeOf } from "./scenarios.ts";

export interface ExploreOptions {
  readonly rules: DiskRules;
  readonly seed: number;
  /** All images of a cut that has no more; that many drawn by the seed otherwise. */
  readonly perCut: number;
  /** This share of the images is not only opened: the agent lives on with it to the end of the update. */
  readonly restarts: number;
  /** Of the lives that went on, this share is cut again at every operation. */
  readonly secondCuts: number;
  readonly defect?: Defect;
  /** Ends the search after so many findings. */
  readonly enough?: number;
  readonly signal?: AbortSignal;
}

export interface Exploration {
  readonly operations: number;
  readonly images: number;
  /** Images that were all there are at their cut. */
  readonly enumerated: number;
  readonly restarted: number;
  readonly findings: readonly Finding[];
}

export interface Finding {
  readonly cut: number;
  /** Which cut of this life, when the power went twice. */
  readonly secondCut?: number;
  readonly broken: string;
}

/** Lives through the scenario once, cuts the power at every operation, and tries what the disk may hold then. */
export async function explore(scenario: Scenario, options: ExploreOptions): Promise<Exploration> {
  const world = await lifeOf(scenario, options.defect);
  const random = seededRandom(options.seed);
  const findings: Finding[] = [];
  const counts = { operations: world.files.operations.length, images: 0, enumerated: 0, restarted: 0 };
  const { enough = 10 } = options;
  const isEnough = () => findings.length >= enough || (options.signal?.aborted ?? false);

  for (const { cut, image, promises, isSample, broken } of await openedImages(world, options)) {
    counts.images++;
    if (!isSample) counts.enumerated++;
    findings.push(...(await broken()).map((one) => ({ cut, broken: one })));
    if (!isEnough() && random.next() < options.restarts) {
      counts.restarted++;
      const restart = await restartOn(image, promises, world.options, scenario);
      findings.push(...restart.broken.map((one) => ({ cut, broken: one })));
      if (random.next() < options.secondCuts)
        for (const second of await openedImages(restart.world, { ...options, perCut: 4 })) {
          counts.images++;
          const again = await second.broken();
          findings.push(...again.map((one) => ({ cut, secondCut: second.cut, broken: one })));
          if (isEnough()) break;
        }
    }
    if (isEnough()) break;
  }
  return { ...counts, findings };
}

/** The images of a life, each with what had been promised by then. */
async function openedImages(world: CrashWorld, { rules, perCut, seed }: ExploreOptions) {
  const { image, packages, factory } = world.options;
  const { operations, times } = world.files;
  let known = { cut: -1, promises: world.promisesAt(0) };
  return (function* () {
    for (const possible of possibleImages(image, operations, { rules, perCut, seed })) {
      if (possible.cut !== known.cut) known = { cut: possible.cut, promises: world.promisesAt(possible.cut) };
      const { promises } = known;
      const now = times[possible.cut] ?? world.clock.monotonic();
      yield {
        ...possible,
        promises,
        broken: () => brokenPromises({ image: possible.image, promises, packages, factory, now }),
      };
    }
  })();
}
