import type { RequirementsProfile } from "../../proto/requirements.ts";
import type { ExecutableStep, StepOf } from "./agent-step.ts";
import type { DiskRoom } from "./disk-room.ts";
import type { DownloadPace } from "./download-pace.ts";
import type { InferenceService } from "./inference-service.ts";
import type { JoiningProofs } from "./joining-proof.ts";
import type { MemoryRoom } from "./memory-room.ts";
import type { PackageStore } from "./package-store.ts";
import { PackageDamagedError } from "./package-store.ts";
import type { Ports } from "./ports.ts";
import type { Surroundings } from "./quarantine.ts";
import type { StateKeeper } from "./state-keeper.ts";
import type { UpdateEvent } from "./update-state.ts";

export interface StepContext {
  readonly ports: Ports;
  readonly packages: PackageStore;
  readonly service: InferenceService;
  readonly keeper: StateKeeper;
  readonly surroundings: Surroundings;
  /** What updates under way have claimed of the disk. */
  readonly room: DiskRoom;
  readonly pace: DownloadPace;
  readonly memory: MemoryRoom;
  readonly joining: JoiningProofs;
  /** Delays between the rounds of a download. */
  readonly delays: () => Iterator<number>;
}

/**
 * Does a step. What it yields is made durable before it goes on: so an attempt is counted before it starts, and an activation is
 * saved before it serves. It rejects when it could not come to a result; the comparison then leads to it again.
 */
export type StepExecutors = {
  readonly [K in ExecutableStep["kind"]]: (
    step: StepOf<K>,
    context: StepContext,
    signal: AbortSignal,
  ) => AsyncIterable<UpdateEvent>;
};

export function profileOf({ ports, surroundings }: Pick<StepContext, "ports" | "surroundings">): RequirementsProfile {
  return { ...ports.profile, agentVersion: surroundings.agentVersion };
}

/** Somebody else ended the attempt, in order: it says nothing about the model. */
export function onlyInterruption(signal: AbortSignal): (error: unknown) => { readonly kind: "interrupted" } {
  return (error) => {
    if (!signal.aborted) throw error;
    return { kind: "interrupted" };
  };
}

/** For what may be damaged, and is told from what went wrong otherwise. */
export function onlyDamage(error: unknown): PackageDamagedError {
  if (error instanceof PackageDamagedError) return error;
  throw error;
}
