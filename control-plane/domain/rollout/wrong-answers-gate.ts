import type { Evidence } from "./evidence.ts";
import type { GateResult } from "./gate.ts";
import { judgeShare } from "./judge-share.ts";
import type { DeviceShare } from "./share-of-devices.ts";
import type { StageCase } from "./stage-case.ts";
import { speakersOf } from "./stage-case.ts";

/** The truth is told about few of the inferences, so their number has no part in how many are needed. */
const fewestTold = 50;

/**
 * The share of wrong ones among the answers about which an application told the truth. What a model is for is seen here first: a model
 * that answers quickly, surely and wrongly passes every other gate. How far the values of a regression were off is shown, not judged: sums
 * of errors have no bounds.
 */
export function judgeWrongAnswers(question: StageCase, limit: number): GateResult {
  return judgeShare(question, {
    gate: "wrong-answers",
    words: { bad: "wrong", all: "told" },
    candidate: toldIn(question.candidate),
    incumbent: toldIn(question.incumbent),
    speakers: speakersOf(question),
    limit,
    needed: fewestTold,
  });
}

function toldIn({ devices }: Evidence): readonly DeviceShare[] {
  return [...devices].map(
    ([
      device,
      {
        told: { right, wrong },
      },
    ]) => ({ device, bad: wrong, all: right + wrong }),
  );
}
