import type { Digest, ModelVersion } from "../../proto/ids.ts";
import type { WorkerDeath } from "./crash-loop.ts";
import type { LoadedPackage } from "./package-store.ts";
import type { Clock } from "./ports.ts";
import type { ServiceRecord } from "./recent-service.ts";
import { nothingServed } from "./recent-service.ts";
import type { RunningModel } from "./running-model.ts";
import type { ServingFacts } from "./reconcile.ts";
import { SequenceStates } from "./sequence-states.ts";
import type { ShadowHealth } from "./shadow-gate.ts";
import type { ShadowRun } from "./shadow-run.ts";
import type { TrialErrors } from "./soak-gate.ts";
import { VersionCounts } from "./version-statistics.ts";
import { WaitingRoom } from "./waiting-room.ts";

/** What the inference service holds for one model. */
export interface Places {
  active: RunningModel | undefined;
  candidate: RunningModel | undefined;
  /** The candidate before its trial: it answers nobody. */
  shadow: ShadowRun | undefined;
  trial: Trial;
  deaths: readonly WorkerDeath[];
  candidateStopReason: string;
  /** The candidate in shadow was ended for others' memory: it comes back when there is room. */
  gaveWay: boolean;
  readonly sequences: SequenceStates;
  /** The active model, while it has no worker on purpose. */
  resting: Resting | undefined;
  readonly waiting: WaitingRoom;
  /** Those that served before, the last first: the truth about their answers may still be told. */
  former: readonly RunningModel[];
  /** What the versions that serve, and those that served last, have done; the newest last. */
  readonly counts: Map<ModelVersion, VersionCounts>;
}

/** What the candidate's worker got wrong, and what the active one showed before it came. */
export interface Trial {
  readonly of: Digest | undefined;
  readonly before: ServiceRecord;
  errors: TrialErrors;
}

export const noTrial: Trial = { of: undefined, before: nothingServed, errors: { own: 0, shared: 0, alone: 0 } };

export interface Resting {
  readonly loaded: LoadedPackage;
  /**
   * Nobody has asked for it, or there was no room for it, and the next request brings it back; or its candidate is tried in its
   * place, and requests wait for that.
   */
  readonly cause: "idle" | "no-room" | "trial";
  readonly reason: string;
  /** It is being brought back. */
  readonly isWanted: boolean;
}

/** A candidate that was given up, and what it was to replace. */
const formerAtMost = 2;

export function emptyPlaces(clock: Clock, queueCapacity: number): Places {
  return {
    active: undefined,
    candidate: undefined,
    shadow: undefined,
    trial: noTrial,
    deaths: [],
    candidateStopReason: "",
    gaveWay: false,
    sequences: new SequenceStates(clock),
    resting: undefined,
    waiting: new WaitingRoom(clock, queueCapacity),
    former: [],
    counts: new Map(),
  };
}

/** More than a device holds of one model: active, candidate, and what the factory gave it. */
const countedVersions = 4;

/** The sums of a version go on when another of its workers serves. */
export function countsOf({ counts, active, candidate, resting }: Places, version: ModelVersion): VersionCounts {
  const known = counts.get(version) ?? new VersionCounts();
  counts.set(version, known);
  // Also those that have served for long: beside an active version any number of candidates can have been given up.
  const held = [active, candidate, resting].flatMap((one) => one?.loaded.slot.version ?? []);
  for (const kept of [...held, version]) {
    const sums = counts.get(kept);
    if (sums === undefined) continue;
    counts.delete(kept);
    counts.set(kept, sums);
  }
  for (const oldest of [...counts.keys()].slice(0, -countedVersions)) counts.delete(oldest);
  return known;
}

/** Those that answer requests for the version, or for any; the first is asked first. */
export function servingIn({ candidate, active }: Places, version: ModelVersion | undefined): readonly RunningModel[] {
  return [candidate, active]
    .filter((running) => running !== undefined)
    .filter(({ loaded }) => version === undefined || loaded.slot.version === version);
}

export function workersIn({ active, candidate, shadow }: Places) {
  return [
    { place: "active" as const, running: active },
    { place: "candidate" as const, running: candidate },
    { place: "shadow" as const, running: shadow },
  ].flatMap(({ place, running }) => (running === undefined ? [] : [{ place, running }]));
}

/** Nothing serves the model, but what rests of it can answer. */
export function isAsleep({ active, candidate, resting }: Places, version: ModelVersion | undefined): boolean {
  if (active !== undefined || candidate !== undefined || resting === undefined) return false;
  return version === undefined || version === resting.loaded.slot.version;
}

export interface RunningFacts {
  /** Why the model has no worker on purpose; undefined while it has one or should have one. */
  readonly rests: string | undefined;
  /** Of its workers, when they were measured last. */
  readonly memoryBytes: number;
  /** Open ones of a model that keeps state. */
  readonly sequences: number;
  /** Of its candidate in shadow, since its worker runs; absent while there is none. */
  readonly shadow?: ShadowHealth;
  /** Its candidate's worker in shadow was ended for others' memory, and waits for room. */
  readonly shadowWaits?: true;
}

/** What is running of a model, for people to look at. */
export function runningFactsOf(places: Places | undefined): RunningFacts {
  if (places === undefined) return { rests: undefined, memoryBytes: 0, sequences: 0 };
  const { active, candidate, resting, shadow, gaveWay, sequences } = places;
  const isServed = active !== undefined || candidate !== undefined;
  return {
    rests: !isServed && resting?.isWanted === false ? resting.reason : undefined,
    memoryBytes: workersIn(places).reduce((sum, { running }) => sum + running.memoryBytes, 0),
    sequences: sequences.open,
    ...(shadow && { shadow: shadow.health }),
    ...(gaveWay && { shadowWaits: true as const }),
  };
}

/** What a model's workers have shown, for what is done next. */
export function servingFactsOf(places: Places | undefined): ServingFacts {
  const { active, candidate, shadow, resting, trial = noTrial } = places ?? {};
  // One that rests is where it should be.
  const inPlace = active ?? (resting?.isWanted === false ? resting : undefined);
  return {
    active: inPlace?.loaded.slot.package,
    candidate: candidate?.loaded.slot.package,
    trial: candidate && {
      startedAt: candidate.startedAt,
      ...candidate.shown,
      errors: trial.errors,
      before: trial.before,
    },
    shadow: shadow && { package: shadow.loaded.slot.package, health: shadow.health },
    candidateStopReason: places?.candidateStopReason ?? "",
    gaveWay: places?.gaveWay ?? false,
    deaths: places?.deaths ?? [],
  };
}

/** Keeps what has just stopped serving; the windows of those that make room for it go out first. */
export function rememberFormer(places: Places, running: RunningModel): void {
  const kept = [running, ...places.former.filter(({ awaitsFeedback }) => awaitsFeedback)].slice(0, formerAtMost);
  for (const forgotten of places.former.filter((one) => !kept.includes(one))) forgotten.closeWindow();
  places.former = kept;
}
