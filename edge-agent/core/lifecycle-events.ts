import type { LifecycleEvent, LifecycleEventName } from "../../proto/telemetry-messages.ts";
import type { ModelState, Slot } from "./agent-state.ts";
import type { LoadedPackage } from "./package-store.ts";
import type { Spool } from "./ports.ts";
import type { UpdateEvent } from "./update-state.ts";

/** What a transition tells the control plane. Written with the new state in one save, so that each is told at least once. */
export function lifecycleEventsOf(
  before: ModelState,
  event: UpdateEvent,
  after: ModelState,
): readonly LifecycleEvent[] {
  const about = (name: LifecycleEventName, subject: Subject | undefined, reason = ""): LifecycleEvent => ({
    kind: "event",
    name,
    model: before.model,
    version: subject?.version,
    package: subject?.package,
    reason,
  });
  switch (event.kind) {
    case "assigned":
      return [about("update-started", after.candidate)];
    case "verified":
      return [about("update-fetched", after.candidate, `variant ${event.slot.variant}`)];
    case "quarantined":
      return [about("variant-quarantined", before.candidate, `${event.entry.variant}: ${event.entry.reason}`)];
    case "shadow-started":
      return [about("shadow-started", after.candidate, attemptOf(after))];
    case "trial-started":
      return [about("trial-started", after.candidate, attemptOf(after))];
    case "confirmed":
      return [about("update-confirmed", after.active, event.reason)];
    case "rejected":
      return [about("update-rejected", before.candidate, event.reason)];
    case "failed":
      return [about("update-failed", before.candidate, event.reason)];
    case "rolled-back":
      return [about("update-rolled-back", before.candidate, event.reason)];
    case "previous-activated":
      return [about("model-activated", after.active, event.reason)];
    case "taken-back":
    case "crash-looped":
      return [
        about("update-rolled-back", before.active, event.reason),
        // What came with the device is in no slot.
        ...(after.active === undefined ? [] : [about("model-activated", after.active, event.reason)]),
      ];
    case "active-lost":
      return [about("worker-stopped", before.active, event.reason)];
    case "preflight-started":
    case "shadow-proved":
    case "attempt-interrupted":
    case "trial-proved":
    case "abandoned":
    case "previous-lost":
    case "failure-forgotten":
      return [];
  }
}

/** What happened to the agent, and to no model. */
export function agentEvent(name: LifecycleEventName, reason: string): LifecycleEvent {
  return { kind: "event", name, model: undefined, version: undefined, package: undefined, reason };
}

/** What is told when the agent starts. */
export function startEvents(
  agentVersion: string,
  { wasReset, epoch }: Pick<Spool, "wasReset" | "epoch">,
): readonly LifecycleEvent[] {
  const anew = `the spool could not be read back; its epoch is ${epoch} now`;
  return [...(wasReset ? [agentEvent("spool-reset", anew)] : []), agentEvent("agent-started", agentVersion)];
}

export function workerStopped({ manifest, slot }: LoadedPackage, reason: string): LifecycleEvent {
  const { version, package: digest } = slot;
  return { kind: "event", name: "worker-stopped", model: manifest.model, version, package: digest, reason };
}

type Subject = Pick<Slot, "version" | "package">;

function attemptOf({ candidate }: ModelState): string {
  const stage = candidate?.stage;
  return stage?.kind === "trial" || stage?.kind === "shadow" ? `attempt ${stage.attempt}` : "";
}
