import type { DeviceId, Digest } from "../../proto/ids.ts";
import { minutes, seconds } from "../../proto/units.ts";
import { isDeltaPair } from "../domain/delta-pair.ts";
import type { ArtifactStore, Clock, DeltaMaker, DeltaRecord, Logger } from "./ports.ts";
import type { Database } from "./stores.ts";

/** What a device that has one model file is told when it asks for another. */
export type DeltaAnswer =
  | { readonly kind: "ready"; readonly digest: Digest; readonly size: number }
  | { readonly kind: "being-made" }
  | { readonly kind: "none"; readonly reason: string };

export interface DeltaService {
  /** Never waits for a delta to be made: that may take minutes. */
  answer(device: DeviceId, base: Digest, target: Digest): Promise<DeltaAnswer>;
  /** Makes what was asked for, one after the other, until the signal; resolves then. */
  run(signal: AbortSignal): Promise<void>;
}

export interface DeltaServiceOptions {
  readonly database: Pick<Database, "deltas" | "desired" | "devices" | "models">;
  readonly artifacts: Pick<ArtifactStore, "has" | "size">;
  readonly maker: DeltaMaker;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A delta must save this share of the file: making the file out of it costs the device time and room on its disk. */
const leastSaving = 0.05;
/** Pairs that wait for their turn; a device that comes then fetches the whole file. */
const longestQueue = 32;
const lookEveryMs = seconds(1);
/** How long a pair is left alone that could not be tried, for a full disk or the like. */
const retryAfterMs = minutes(5);

interface Pair {
  readonly base: Digest;
  readonly target: Digest;
}

/**
 * Deltas are made when a device asks for the first time, kept as artifacts, and remembered by their pair, also where they are of no use. What
 * waits to be made is not stored: after a restart the next device that asks puts it there again.
 */
export function createDeltaService(options: DeltaServiceOptions): DeltaService {
  const { database, artifacts, maker, clock, log } = options;
  const waiting = new Map<string, Pair>();
  const resting = new Map<string, number>();

  async function isWanted(device: DeviceId, { base, target }: Pair): Promise<boolean> {
    const [known, desired] = await Promise.all([database.devices.get(device), database.desired.get(device)]);
    const reported = known?.reported?.models ?? [];
    const assigned = desired?.models ?? [];
    const slots = reported.flatMap(({ active, previous }) => [active, previous].filter((slot) => slot !== undefined));
    const packages = new Set([...assigned, ...slots].map((one) => one.package));
    const versions = await Promise.all([...packages].map((digest) => database.models.byPackage(digest)));
    const found = versions.filter((version) => version !== undefined);
    return isDeltaPair(base, target, assigned, reported, found);
  }

  async function make(pair: Pair, signal: AbortSignal): Promise<DeltaRecord> {
    const { base, target } = pair;
    const about = { ...pair, madeAtMs: clock.now() };
    const targetBytes = (await artifacts.size(target)) ?? 0;
    const made = await maker.make(base, target, (1 - leastSaving) * targetBytes, signal);
    switch (made.kind) {
      case "made":
        log.info({ base, target, bytes: targetBytes, delta: made.size }, "a delta was made");
        return { ...about, kind: "made", digest: made.digest, size: made.size };
      case "useless":
        log.info({ base, target, reason: made.reason }, "a delta is of no use; the file is sent whole");
        return { ...about, kind: "useless", reason: made.reason };
    }
  }

  async function makeNext(key: string, pair: Pair, signal: AbortSignal): Promise<void> {
    try {
      await database.deltas.put(await make(pair, signal));
    } catch (error) {
      signal.throwIfAborted();
      resting.set(key, clock.now() + retryAfterMs);
      log.warn({ ...pair, err: error }, "a delta could not be made; the file is sent whole");
    } finally {
      waiting.delete(key);
    }
  }

  return {
    async answer(device, base, target) {
      const pair = { base, target };
      if (base === target || !(await isWanted(device, pair)))
        return { kind: "none", reason: "the device has no use for it by what it is assigned and what it reported" };
      const known = await database.deltas.get(base, target);
      if (known?.kind === "useless") return { kind: "none", reason: known.reason };
      if (known?.kind === "made" && (await artifacts.has(known.digest)))
        return { kind: "ready", digest: known.digest, size: known.size };
      const key = `${base} ${target}`;
      if ((resting.get(key) ?? 0) > clock.now()) return { kind: "none", reason: "it could not be made a while ago" };
      resting.delete(key);
      if (!waiting.has(key) && waiting.size >= longestQueue)
        return { kind: "none", reason: `${longestQueue} others wait to be made` };
      waiting.set(key, pair);
      return { kind: "being-made" };
    },
    async run(signal) {
      try {
        while (!signal.aborted) {
          const [next] = waiting;
          if (next === undefined) await clock.sleep(lookEveryMs, signal);
          else await makeNext(...next, signal);
        }
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    },
  };
}
