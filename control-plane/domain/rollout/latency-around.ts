import type { DeviceId } from "../../../proto/ids.ts";
import { minutes } from "../../../proto/units.ts";
import { sumOfCounts } from "./evidence.ts";
import type { DeviceUpdate, Rollout } from "./rollout.ts";
import { lastSettled } from "./rollout-step.ts";

/**
 * How long devices took before the present stage began and since, each for itself and over `latencyEdges`. The devices of the stage
 * changed their version in between; of the others only what they counted with the version that they kept is in it. So the others
 * tell what the hour did to everybody.
 */
export interface LatencyAround {
  readonly before: ReadonlyMap<DeviceId, readonly number[]>;
  readonly since: ReadonlyMap<DeviceId, readonly number[]>;
}

export const nothingAround: LatencyAround = { before: new Map(), since: new Map() };

/** The span in which windows are received that count as before, and its end, from which on they count as since. */
export interface SpanAround {
  readonly stage: number;
  readonly fromMs: number;
  readonly beganMs: number;
}

/** At most; longer ago it was another time of the day. */
const lookbackMs = minutes(15);

/**
 * Before the stage every device must have kept one version: the span begins when the devices of the stages before had settled. One that
 * settles later, or again, is left out by what it counts; it takes nothing from the others.
 */
export function spanAround({ phase, spec }: Rollout, updates: readonly DeviceUpdate[]): SpanAround | undefined {
  if (phase.kind !== "running" || spec.kind !== "model") return undefined;
  const { stage } = phase;
  let beganMs = Number.POSITIVE_INFINITY;
  for (const update of updates)
    if (update.stage === stage && update.assignedAtMs !== undefined) beganMs = Math.min(beganMs, update.assignedAtMs);
  if (beganMs === Number.POSITIVE_INFINITY) return undefined;
  const earlier = updates.filter(
    (update) => update.stage < stage && update.assignedAtMs !== undefined && (update.settledAtMs ?? beganMs) < beganMs,
  );
  return { stage, beganMs, fromMs: Math.max(beganMs - lookbackMs, lastSettled(earlier)) };
}

export class LatencyAroundSum {
  readonly #before = new Map<DeviceId, readonly number[]>();
  readonly #since = new Map<DeviceId, readonly number[]>();
  readonly #span: SpanAround | undefined;

  constructor(span: SpanAround | undefined) {
    this.#span = span;
  }

  add(
    { device, stage }: Pick<DeviceUpdate, "device" | "stage">,
    version: "candidate" | "incumbent",
    receivedAtMs: number,
    latency: ArrayLike<number>,
  ): void {
    const span = this.#span;
    if (span === undefined || receivedAtMs < span.fromMs) return;
    const isBefore = receivedAtMs < span.beganMs;
    const kept = stage < span.stage || (stage === span.stage && !isBefore) ? "candidate" : "incumbent";
    if (version === kept) addTo(isBefore ? this.#before : this.#since, device, Array.from(latency));
  }

  around(): LatencyAround {
    return { before: this.#before, since: this.#since };
  }
}

export function mergeLatencyAround(a: LatencyAround, b: LatencyAround): LatencyAround {
  return { before: merged(a.before, b.before), since: merged(a.since, b.since) };
}

function merged(
  a: ReadonlyMap<DeviceId, readonly number[]>,
  b: ReadonlyMap<DeviceId, readonly number[]>,
): ReadonlyMap<DeviceId, readonly number[]> {
  const sums = new Map(a);
  for (const [device, counts] of b) addTo(sums, device, counts);
  return sums;
}

function addTo(sums: Map<DeviceId, readonly number[]>, device: DeviceId, counts: readonly number[]): void {
  const known = sums.get(device);
  sums.set(device, known === undefined ? counts : sumOfCounts(known, counts));
}
