import type { ModelAssignment, SoakPolicy } from "../../proto/assignment-messages.ts";
import type { Agreement } from "../../proto/telemetry-messages.ts";
import type { ModelState } from "./agent-state.ts";
import type { Factory } from "./factory-port.ts";
import { factoryPackageOf } from "./factory.ts";

/** What a candidate has shown in shadow since its worker runs. */
export interface ShadowHealth {
  /** On the clock that only goes up. */
  readonly startedAt: number;
  /** Requests that it answered as the active model did before it. */
  readonly answered: number;
  readonly counts: Agreement;
  readonly lastError: string;
  /** Why the device can just not afford it, or undefined. */
  readonly paused: string | undefined;
}

export type ShadowVerdict =
  | { readonly kind: "fail"; readonly reason: string }
  /** For as long as the assignment wants it. */
  | { readonly kind: "goes-on"; readonly reason: string };

/** Where a candidate runs first, beyond its golden set: in shadow only where it is wanted and something serves beside which it can be. */
export function firstStage(
  wanted: Pick<ModelAssignment, "shadow"> | undefined,
  { model, active }: ModelState,
  factory: Pick<Factory, "packages">,
): "shadow" | "trial" {
  const serves = active ?? factoryPackageOf(factory, model);
  return wanted?.shadow !== undefined && serves !== undefined ? "shadow" : "trial";
}

/**
 * Judges a candidate by what no model may do, whatever it was made for: fail on inputs that the active model answered. That it answers
 * something else is not judged here: one device cannot know which of the two is right.
 *
 * It fails as soon as no number of further successes, up to `minInferences`, could bring the share of failures down to what is allowed,
 * as in a trial (soak-gate.ts). Example: of at least 20 requests 5 % may fail; the second failure ends the shadow even when it is the
 * third request.
 */
export function judgeShadow(policy: SoakPolicy, { answered, counts, lastError }: ShadowHealth): ShadowVerdict {
  const { compared, disagreed, failed, skipped } = counts;
  const asked = answered + failed;
  if (failed > policy.maxErrorShare * Math.max(asked, policy.minInferences)) {
    const allowed = `more than ${Number((policy.maxErrorShare * 100).toPrecision(3))} % allowed`;
    const reason = `in shadow ${failed} of ${asked} requests failed that the active version had answered, ${allowed}; last: ${lastError}`;
    return { kind: "fail", reason };
  }
  return {
    kind: "goes-on",
    reason: `in shadow: ${compared} compared, ${disagreed} disagree, ${failed} failed, ${skipped} skipped`,
  };
}
