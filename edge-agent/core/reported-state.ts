import type { ModelReport, ReportedState, SlotReport } from "../../proto/messages.ts";
import type { AgentState, Candidate, ModelState, Slot } from "./agent-state.ts";

/** What the device says it has. `refusal` is why the newest assignment was refused, or "". */
export function reportedStateOf({ assignment, models }: AgentState, refusal: string): ReportedState {
  return {
    epoch: assignment?.epoch ?? 0,
    generation: assignment?.generation ?? 0,
    models: models.map(modelReport),
    refusal,
  };
}

function modelReport({ model, active, candidate, previous, failure }: ModelState): ModelReport {
  return {
    model,
    active: active && slotReport(active),
    candidate: candidate && candidateReport(candidate),
    previous: previous && slotReport(previous),
    phase: candidate?.stage.kind ?? "idle",
    failure,
  };
}

function slotReport({ version, package: digest, variant }: Slot): SlotReport {
  return { version, package: digest, variant };
}

/** The variant is not known before the manifest is there. */
function candidateReport({ version, package: digest, stage }: Candidate): SlotReport {
  return { version, package: digest, variant: stage.kind === "fetching" ? "" : stage.slot.variant };
}
