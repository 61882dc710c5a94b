import type { Evidence } from "./evidence.ts";
import type { GateResult } from "./gate.ts";
import { judgeShare } from "./judge-share.ts";
import type { DeviceShare } from "./share-of-devices.ts";
import type { StageCase } from "./stage-case.ts";
import { speakersOf } from "./stage-case.ts";

/** The share of inferences that ended in an error. */
export function judgeErrorRate(question: StageCase, limit: number): GateResult {
  return judgeShare(question, {
    gate: "error-rate",
    words: { bad: "errors", all: "inferences" },
    candidate: errorsIn(question.candidate),
    incumbent: errorsIn(question.incumbent),
    speakers: speakersOf(question),
    limit,
    needed: question.stage.minInferences,
  });
}

export function errorsIn({ devices }: Evidence): readonly DeviceShare[] {
  return [...devices].map(([device, { errors, inferences }]) => ({ device, bad: errors, all: inferences }));
}
