import { nothingServed } from "../../edge-agent/core/recent-service.ts";
import type { TrialHealth } from "../../edge-agent/core/soak-gate.ts";

export const noErrors = { own: 0, shared: 0, alone: 0 } as const;

/** A trial in which nothing has happened yet. */
export function aTrial(overrides: Partial<TrialHealth> = {}): TrialHealth {
  return {
    startedAt: 1_000,
    asked: overrides.inferences ?? 0,
    inferences: 0,
    errors: noErrors,
    lastError: "",
    workMs: undefined,
    before: nothingServed,
    ...overrides,
  };
}
