import type { AgentStep } from "./agent-step.ts";
import type { Maintenance, Permission } from "./maintenance.ts";

/** What a step needs of the maintenance window; undefined: nothing. maintenance.ts says why. */
export function permissionFor(step: AgentStep, { activation, downloads }: Maintenance): Permission | undefined {
  switch (step.kind) {
    case "preflight":
      return step.into === "trial" ? activation : undefined;
    case "resume-trial":
      return activation;
    case "fetch-package":
      return downloads;
    case "start-update":
    case "prove-trial":
    case "resume-shadow":
    case "prove-shadow":
    case "end-shadow":
    case "confirm":
    case "end-trial":
    case "roll-back":
    case "fail":
    case "quarantine":
    case "abandon-candidate":
    case "activate-previous":
    case "take-back":
    case "return-to-factory":
    case "start-factory":
    case "leave-crash-loop":
    case "remove-model":
    case "start-worker":
    case "collect-garbage":
    case "wait":
      return undefined;
  }
}
