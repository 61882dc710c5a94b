import type { ModelName } from "../../proto/ids.ts";
import type { Variant } from "../../proto/manifest.ts";
import type { DeviceProfile } from "../../proto/messages.ts";
import { mebibytes, minutes } from "../../proto/units.ts";

// All models of a device live from one budget of memory. Each has a process of its own, and during an update a model has two of
// them: the new one is tried while the old one stays warm. Where that does not fit, models that nobody has asked for in a while
// rest: their processes end, and the next request starts them again. Then the model's own active worker rests while its candidate
// is tried; its files stay on the device, and it is started again when the candidate is given up. What does not even fit then is
// refused with the figures. A candidate in shadow only gets memory that nobody needs: for it nobody rests, when another worker has no
// room it ends first, and it comes back when there is room again. What was confirmed on this device and is alone is never refused: no device is left without its model
// for an estimate's sake.

export type WorkerPlace = "active" | "candidate" | "shadow";

/** One worker; sizes are in bytes. */
export interface WorkerUse {
  readonly model: ModelName;
  readonly place: WorkerPlace;
  readonly bytes: number;
  /** What it was expected to take. */
  readonly expectedBytes: number;
  /** How long nobody has asked for it; 0 while it works, without end before the first request. */
  readonly idleMs: number;
}

export interface Newcomer {
  readonly model: ModelName;
  readonly bytes: number;
  /** It served on this device before. */
  readonly isConfirmed: boolean;
  /** Somebody waits for it: others that nobody asks for may rest for it. */
  readonly isWanted: boolean;
  /** A candidate in shadow: without the model's own active worker beside it there is nothing to compare. */
  readonly isBeside?: boolean;
}

export type MemoryPlan =
  /** Workers of these models rest first; often none. `endsShadows`: there is room when nothing runs in shadow any more. */
  | { readonly kind: "fits"; readonly rest: readonly ModelName[]; readonly endsShadows?: true }
  | { readonly kind: "refused"; readonly reason: string };

/** A model rests when nobody has asked for it for so long and another one needs its memory. */
export const restsAfterMs = minutes(1);

/** What the agent itself and the system keep where the machine has more than the least. */
const keptBytes = mebibytes(128);
/** An inference process without a model, and what the runtime makes of a file: the weights once as they are and once as it wants them. */
const processBytes = mebibytes(64);
const copiesOfWeights = 2;

/**
 * Three quarters of the machine's memory without what the agent keeps for itself, and at least half of it.
 * Example: 1 GiB gives 640 MiB, 256 MiB give 128 MiB.
 */
export function defaultMemoryBudget(machineBytes: number): number {
  return Math.floor(Math.max(machineBytes / 2, (machineBytes * 3) / 4 - keptBytes));
}

/**
 * What the process of a variant is likely to take: what its publisher asks for, or what was measured with this runtime, on this
 * architecture where there is such a measurement; else by the size of its file.
 */
export function expectedBytes(
  { requires, measured, file }: Pick<Variant, "requires" | "measured" | "file">,
  { architecture }: Pick<DeviceProfile, "architecture">,
  runtime: string,
): number {
  const peaks = measured.filter((one) => one.runtime === runtime && one.peakMemoryBytes > 0);
  const here = peaks.filter((one) => one.architecture === architecture);
  const known = (here.length > 0 ? here : peaks).map(({ peakMemoryBytes }) => peakMemoryBytes);
  const likely = known.length > 0 ? Math.max(...known) : processBytes + copiesOfWeights * file.size;
  return Math.max(likely, requires.memoryBytes);
}

/**
 * May a worker be started, and who makes room for it? Those who rest are the ones that were asked for the longest ago, and no more of
 * them than it takes.
 *
 * Example: of a budget of 300, "a" (idle for an hour) takes 100 and "b" (busy) 150: a candidate of "c" with 120 lets "a" rest; one
 * with 160 is refused; a candidate of "b" with 160 lets "b" rest, and one with 220 both.
 *
 * @param claimed what workers that are being started will take
 */
export function planMemory(
  newcomer: Newcomer,
  uses: readonly WorkerUse[],
  claimed: number,
  budget: number,
): MemoryPlan {
  const plan = planBeside(newcomer, uses, claimed, budget);
  const isFree = plan.kind === "fits" && plan.rest.length === 0;
  const lasting = uses.filter(({ place }) => place !== "shadow");
  if (isFree || newcomer.isBeside === true || lasting.length === uses.length) return plan;
  // For what runs in shadow nobody rests.
  const without = planBeside(newcomer, lasting, claimed, budget);
  return without.kind === "fits" ? { ...without, endsShadows: true } : without;
}

/** Beside all of these workers, those that rest for it excepted. */
function planBeside(
  { model, bytes, isConfirmed, isWanted, isBeside = false }: Newcomer,
  uses: readonly WorkerUse[],
  claimed: number,
  budget: number,
): MemoryPlan {
  const others = uses
    .filter((use) => isWanted && use.place === "active" && use.model !== model && use.idleMs >= restsAfterMs)
    .toSorted((a, b) => b.idleMs - a.idleMs);
  const own = uses.filter((use) => !isBeside && use.place === "active" && use.model === model);
  const inUse = sumOf(uses) + claimed;
  let lacking = bytes - (budget - inUse);
  const resting: WorkerUse[] = [];
  for (const use of [...others, ...own]) {
    if (lacking <= 0) break;
    resting.push(use);
    lacking -= use.bytes;
  }
  if (lacking > 0) {
    const isAlone = claimed === 0 && resting.length === uses.length;
    if (!isConfirmed || !isAlone) {
      const staying = inUse - sumOf(resting);
      const reason = `it takes about ${mebibytesOf(bytes)} and models may take ${mebibytesOf(budget)}, of which ${mebibytesOf(staying)} are in use`;
      return { kind: "refused", reason };
    }
  }
  // The last ones may have made so much room that some before them need not rest.
  const needed = resting.filter((use) => {
    const isSpared = lacking + use.bytes <= 0;
    if (isSpared) lacking += use.bytes;
    return !isSpared;
  });
  return { kind: "fits", rest: needed.map((use) => use.model) };
}

export type MemoryRelief =
  | { readonly kind: "none" }
  | { readonly kind: "rest"; readonly model: ModelName }
  /** Through no fault of theirs. */
  | { readonly kind: "end-shadows"; readonly reason: string }
  | { readonly kind: "end"; readonly model: ModelName; readonly place: WorkerUse["place"]; readonly reason: string };

/**
 * Whose turn it is when all together take more than they may: candidates in shadow give way, or one is ended that takes more than was
 * expected of it; else a model that nobody asks for rests, the one idle for longest; else a candidate in trial is ended; else the worker that is furthest beyond what it was expected to take. A worker that is alone is left to the
 * limit of its own process.
 */
export function memoryRelief(uses: readonly WorkerUse[], budget: number): MemoryRelief {
  const total = sumOf(uses);
  if (total <= budget || uses.length < 2) return { kind: "none" };
  const shaded = uses.filter(({ place }) => place === "shadow");
  const idle = mostOf(
    uses.filter((use) => use.place === "active" && use.idleMs >= restsAfterMs),
    (use) => use.idleMs,
  );
  if (idle !== undefined && shaded.length === 0) return { kind: "rest", model: idle.model };
  const candidates = shaded.length > 0 ? shaded : uses.filter((use) => use.place === "candidate");
  const excess = ({ bytes, expectedBytes: expected }: WorkerUse) => bytes / Math.max(1, expected);
  const culprit = mostOf(candidates.length > 0 ? candidates : uses, excess);
  if (culprit === undefined) return { kind: "none" };
  const { model, place, bytes, expectedBytes: expected } = culprit;
  const all = `all models together take ${mebibytesOf(total)} of memory, more than ${mebibytesOf(budget)}`;
  if (place === "shadow" && bytes <= expected) return { kind: "end-shadows", reason: all };
  const reason = `${all}; this one ${mebibytesOf(bytes)} where ${mebibytesOf(expected)} were expected`;
  return { kind: "end", model, place, reason };
}

function mostOf(uses: readonly WorkerUse[], measure: (use: WorkerUse) => number): WorkerUse | undefined {
  return uses.reduce<WorkerUse | undefined>(
    (most, use) => (most === undefined || measure(use) > measure(most) ? use : most),
    undefined,
  );
}

function sumOf(uses: readonly Pick<WorkerUse, "bytes">[]): number {
  return uses.reduce((sum, { bytes }) => sum + bytes, 0);
}

function mebibytesOf(bytes: number): string {
  return `${Math.ceil(bytes / mebibytes(1))} MiB`;
}
