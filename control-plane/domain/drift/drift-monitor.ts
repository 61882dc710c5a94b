/**
 * Follows one stream at one scope: a device, a cohort or the fleet. It is told one window after another.
 *
 * It begins *quiet*. A drifted window makes it *suspect*: one window may be chance or a passing cloud, so nobody is told.
 * When the next windows are drifted too, `windowsToOpen` in a row, it is *drifting* and an alert opens. A calm window before that
 * makes it quiet again. While drifting, a calm window makes it *recovering*; after `windowsToClose` calm windows in a row
 * the alert closes and it is quiet. A drifted window in between takes it back to drifting, within the same alert.
 *
 * An inconclusive window (too few samples) changes nothing, in any state. If it counted as calm, a device that fails and
 * therefore infers less would close its own alert; if it broke the row, a slow device could never open one; and if it
 * counted as drifted, silence would be drift.
 */
import type { DriftPolicy } from "./drift-policy.ts";
import type { DriftScore } from "./drift-score.ts";
import type { Judge, Judgement } from "./judge-score.ts";
import { judgeScore } from "./judge-score.ts";

/** Times are the `now` of the windows. Plain data: it is stored between windows. */
export type DriftMonitorState =
  | { readonly kind: "quiet" }
  | { readonly kind: "suspect"; readonly since: number; readonly windows: number }
  | { readonly kind: "drifting"; readonly since: number; readonly openedAt: number }
  | { readonly kind: "recovering"; readonly since: number; readonly openedAt: number; readonly windows: number };

export interface DriftAlert {
  readonly kind: "opened" | "closed";
  readonly stream: string;
  readonly at: number;
  /** The first of the drifted windows. */
  readonly since: number;
  readonly reason: string;
  /** Of the window that opened or closed it. */
  readonly score: DriftScore;
}

export interface DriftObservation {
  readonly state: DriftMonitorState;
  readonly judgement: Judgement;
  readonly alert?: DriftAlert;
}

export const quietMonitor: DriftMonitorState = { kind: "quiet" };

/** The only function that changes the state. Windows must come in the order of their time, each once. */
export function observeWindow(
  state: DriftMonitorState,
  score: DriftScore,
  policy: DriftPolicy,
  now: number,
  judge: Judge = judgeScore,
): DriftObservation {
  const judgement = judge(score, policy);
  switch (judgement.kind) {
    case "inconclusive":
      return { state, judgement };
    case "drifted":
      return afterDriftedWindow(state, score, judgement, policy, now);
    case "calm":
      return afterCalmWindow(state, score, judgement, policy, now);
  }
}

function afterDriftedWindow(
  state: DriftMonitorState,
  score: DriftScore,
  judgement: Judgement,
  policy: DriftPolicy,
  now: number,
): DriftObservation {
  switch (state.kind) {
    case "drifting":
      return { state, judgement };
    case "recovering":
      return { state: { kind: "drifting", since: state.since, openedAt: state.openedAt }, judgement };
    case "quiet":
    case "suspect": {
      const since = state.kind === "suspect" ? state.since : now;
      const windows = state.kind === "suspect" ? state.windows + 1 : 1;
      if (windows < policy.windowsToOpen) return { state: { kind: "suspect", since, windows }, judgement };
      const reason = `${judgement.reason}; drifted in ${inARow(windows)}`;
      return {
        state: { kind: "drifting", since, openedAt: now },
        judgement,
        alert: { kind: "opened", stream: score.stream, at: now, since, reason, score },
      };
    }
  }
}

function afterCalmWindow(
  state: DriftMonitorState,
  score: DriftScore,
  judgement: Judgement,
  policy: DriftPolicy,
  now: number,
): DriftObservation {
  switch (state.kind) {
    case "quiet":
    case "suspect":
      return { state: quietMonitor, judgement };
    case "drifting":
    case "recovering": {
      const { since, openedAt } = state;
      const windows = state.kind === "recovering" ? state.windows + 1 : 1;
      if (windows < policy.windowsToClose)
        return { state: { kind: "recovering", since, openedAt, windows }, judgement };
      const reason = `${judgement.reason}; calm in ${inARow(windows)}`;
      return {
        state: quietMonitor,
        judgement,
        alert: { kind: "closed", stream: score.stream, at: now, since, reason, score },
      };
    }
  }
}

function inARow(windows: number): string {
  return windows === 1 ? "1 window" : `${windows} windows in a row`;
}
