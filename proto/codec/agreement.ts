import type { sedge } from "../generated/sedge.js";
import type { Problems } from "../problems.ts";
import { agreementBins } from "../sketch/agreement.ts";
import type { Agreement } from "../telemetry-messages.ts";
import { quantityField } from "./narrow.ts";
import { denseOf, sparse } from "./sparse-counts.ts";

export function rawAgreement(agreement: Agreement): sedge.v1.Agreement.$Properties {
  return {
    compared: agreement.compared,
    disagreed: agreement.disagreed,
    skipped: agreement.skipped,
    active_work_ms: agreement.activeWorkMs,
    candidate_work_ms: agreement.candidateWorkMs,
    failed: agreement.failed,
    distance: sparse(agreement.distance),
  };
}

export function narrowAgreement(raw: sedge.v1.Agreement.$Properties, path: string, problems: Problems): Agreement {
  const compared = raw.compared ?? 0;
  const disagreed = raw.disagreed ?? 0;
  if (disagreed > compared)
    problems.add(`${path}.disagreed`, `${disagreed} are more than the ${compared} that were compared`);
  const distance = denseOf(agreementBins, raw.distance, `${path}.distance`, problems);
  const measured = distance.reduce((sum, count) => sum + count, 0);
  if (measured !== compared) problems.add(`${path}.distance`, `has ${measured} of the ${compared} that were compared`);
  return {
    compared,
    disagreed,
    skipped: raw.skipped ?? 0,
    failed: raw.failed ?? 0,
    activeWorkMs: quantityField(problems, `${path}.active_work_ms`, raw.active_work_ms),
    candidateWorkMs: quantityField(problems, `${path}.candidate_work_ms`, raw.candidate_work_ms),
    distance,
  };
}
