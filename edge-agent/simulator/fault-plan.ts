import type { LinkFaults } from "../adapters/memory/memory-hub.ts";
import type { Random } from "../core/ports.ts";

/** How bad the link is: every message takes its chances alone. */
export interface LinkQuality {
  readonly lossShare: number;
  readonly doubleShare: number;
  /** Messages overtake each other when they take up to so long. */
  readonly maxDelayMs: number;
}

export const goodLink: LinkQuality = { lossShare: 0, doubleShare: 0, maxDelayMs: 0 };

export type FaultKind = "cut" | "unreachable" | "reachable" | "crash";

/** Something happens to one device. A crash is followed by a start from what the device had stored. */
export interface Fault {
  readonly atMs: number;
  /** Index of the device in the fleet. */
  readonly device: number;
  readonly kind: FaultKind;
}

export interface FaultPlan {
  readonly link: LinkQuality;
  /** Ascending in time. */
  readonly faults: readonly Fault[];
}

export interface FaultPlanOptions {
  readonly devices: number;
  readonly durationMs: number;
  /** Faults of one device, on average. */
  readonly faultsPerDevice: number;
}

/** A plan that the numbers of `random` decide. Whoever becomes unreachable is reachable again before the end. */
export function randomFaultPlan(random: Random, { devices, durationMs, faultsPerDevice }: FaultPlanOptions): FaultPlan {
  const faults: Fault[] = [];
  for (let i = 0; i < devices * faultsPerDevice; i++) {
    const device = Math.floor(random.next() * devices);
    const atMs = Math.floor(random.next() * durationMs);
    const kind = (["cut", "crash", "unreachable"] as const)[Math.floor(random.next() * 3)] ?? "cut";
    faults.push({ atMs, device, kind });
    if (kind === "unreachable")
      faults.push({ atMs: atMs + Math.floor(random.next() * (durationMs - atMs)), device, kind: "reachable" });
  }
  const link = { lossShare: 0.2 * random.next(), doubleShare: 0.2 * random.next(), maxDelayMs: 2_000 * random.next() };
  return { link, faults: faults.toSorted((a, b) => a.atMs - b.atMs) };
}

export function linkFaults({ lossShare, doubleShare, maxDelayMs }: LinkQuality, random: Random): LinkFaults {
  return () => {
    if (random.next() < lossShare) return [];
    const copies = random.next() < doubleShare ? 2 : 1;
    return Array.from({ length: copies }, () => random.next() * maxDelayMs);
  };
}
