import type { Evidence } from "./evidence.ts";
import { errorCount } from "./evidence.ts";
import type { GateResult } from "./gate.ts";
import type { BadShare } from "./judge-share.ts";
import { judgeShare } from "./judge-share.ts";
import type { StageCase } from "./stage-case.ts";

/** The share of inferences that ended in an error. */
export function judgeErrorRate(question: StageCase, limit: number): GateResult {
  return judgeShare(question, {
    gate: "error-rate",
    words: { bad: "errors", all: "inferences" },
    candidate: errorsIn(question.candidate),
    incumbent: errorsIn(question.incumbent),
    devices: question.candidate.devices.size,
    limit,
    needed: question.stage.minInferences,
  });
}

function errorsIn(evidence: Evidence): BadShare {
  return { bad: errorCount(evidence), all: evidence.inferences };
}
