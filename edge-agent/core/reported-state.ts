import { limits } from "../../proto/limits.ts";
import type { ModelReport, QuarantineReport, ReportedState, SlotReport } from "../../proto/messages.ts";
import type { Pins } from "./effective-settings.ts";
import { settingsReportOf } from "./effective-settings.ts";
import type { Factory } from "./factory-port.ts";
import { factoryPackageOf, noFactory, withFactoryModels } from "./factory.ts";
import type { AgentState, Candidate, ModelState, Slot } from "./agent-state.ts";
import type { Quarantined, Surroundings } from "./quarantine.ts";
import { standingIn } from "./quarantine.ts";

/** What the device says it has. `refusal` is why the newest assignment was refused, or "". */
export function reportedStateOf(
  { assignment, models, settings }: AgentState,
  refusal: string,
  here: Surroundings,
  pins: Pins,
  factory: Pick<Factory, "packages"> = noFactory,
): ReportedState {
  const wanted = assignment?.settings ?? [];
  return {
    epoch: assignment?.epoch ?? 0,
    generation: assignment?.generation ?? 0,
    models: withFactoryModels(models, factory).map((model) => modelReport(model, here, factory)),
    refusal,
    ...(wanted.length > 0 && { settings: settingsReportOf(wanted, settings ?? [], pins) }),
  };
}

function modelReport(state: ModelState, here: Surroundings, factory: Pick<Factory, "packages">): ModelReport {
  const { model, active, candidate, previous, failure } = state;
  const quarantined = standingIn(here, state.quarantined).slice(-limits.quarantined).map(quarantineReport);
  const built = factoryPackageOf(factory, model);
  return {
    model,
    active: active && slotReport(active),
    candidate: candidate && candidateReport(candidate),
    previous: previous && slotReport(previous),
    phase: candidate?.stage.kind ?? "idle",
    failure,
    ...(quarantined.length > 0 && { quarantined }),
    // Which variant of it runs is found out when it is needed.
    ...(built && { factory: { version: built.version, package: built.package, variant: "" } }),
  };
}

function quarantineReport({ package: digest, variant, cause, reason, where }: Quarantined): QuarantineReport {
  const runtime = `${where.runtime.name} ${where.runtime.version}`;
  return { package: digest, variant, cause, reason, runtime };
}

function slotReport({ version, package: digest, variant }: Slot): SlotReport {
  return { version, package: digest, variant };
}

/** The variant is not known before the manifest is there. */
function candidateReport({ version, package: digest, stage }: Candidate): SlotReport {
  return { version, package: digest, variant: stage.kind === "fetching" ? "" : stage.slot.variant };
}
