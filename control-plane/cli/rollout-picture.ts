import type { DeviceUpdate, DeviceUpdateState, RolloutPhase } from "../domain/rollout/rollout.ts";
import type { GateResult, Verdict } from "../domain/rollout/gate.ts";
import type { RolloutDetail } from "../http/views.ts";
import { formatDuration } from "./duration.ts";
import {
  currentStage,
  describePhase,
  describeStage,
  describeSubject,
  endedAtMs,
  isOver,
  phaseStyles,
} from "./rollout-summary.ts";
import { rolloutWait } from "./rollout-wait.ts";
import type { Paint, Style } from "./terminal.ts";
import { printable } from "./terminal.ts";
import { wrapWords } from "./wrap-words.ts";

const verdictMarks: Readonly<Record<Verdict, readonly [string, Style]>> = {
  pass: ["✓", "green"],
  fail: ["✗", "red"],
  inconclusive: ["?", "yellow"],
  pending: ["…", "dim"],
};

/** What a device adds to its stage's bar. */
const barStyles: Readonly<Record<DeviceUpdateState, readonly [string, Style]>> = {
  confirmed: ["█", "green"],
  reverted: ["█", "yellow"],
  failed: ["█", "red"],
  rejected: ["█", "red"],
  "rolled-back": ["█", "red"],
  "taken-back": ["█", "yellow"],
  "timed-out": ["█", "red"],
  "revert-failed": ["█", "red"],
  assigned: ["▒", "cyan"],
  shadowing: ["▓", "cyan"],
  reverting: ["▒", "yellow"],
  waiting: ["░", "dim"],
};
const barOrder: readonly DeviceUpdateState[] = [
  "confirmed",
  "reverted",
  "failed",
  "rejected",
  "rolled-back",
  "taken-back",
  "timed-out",
  "revert-failed",
  "shadowing",
  "assigned",
  "reverting",
  "waiting",
];
const barWidth = 24;
/** Devices in trouble that are told with their reason. */
const maxTroubled = 5;

/** A rollout as a person looks at it: a bar for each stage, the gates with their verdicts, devices in trouble, the explanation. */
export function rolloutPicture(rollout: RolloutDetail, now: number, paint: Paint, columns: number): readonly string[] {
  const { spec, phase, updates, decision } = rollout;
  const taken = formatDuration((endedAtMs(phase) ?? now) - rollout.createdAtMs);
  const troubled = updates.filter(({ state }) => barStyles[state][1] === "red" || state === "taken-back");
  // Of a rollout that is over, the phase says it all.
  const next = isOver(phase) ? undefined : (rolloutWait(rollout, now)?.text ?? decision?.explanation);
  const nameWidth = Math.max(...spec.stages.map(({ name }) => name.length));
  return [
    `${paint("bold", describeSubject(spec))} to ${printable(spec.selector)}  ${paint("dim", `${rollout.id}, ${taken}`)}`,
    ...wrapWords(printable(describePhase(rollout)), columns).map((line) => paint(phaseStyles[phase.kind], line)),
    "",
    ...spec.stages.map((stage, i) => {
      const own = updates.filter((update) => update.stage === i);
      const share = `${stage.percent} %`.padStart(6);
      const name = printable(stage.name).padEnd(nameWidth);
      return `${stageMark(phase, i, paint)} ${name} ${share}  ${stageBar(own, paint)}  ${describeStage(rollout, i)}`;
    }),
    ...(decision === undefined || decision.gates.length === 0 ? [] : ["", ...decision.gates.flatMap(gateLines)]),
    ...troubled
      .slice(0, maxTroubled)
      .flatMap(({ device, state, reason }, i) => [
        ...(i === 0 ? [""] : []),
        ...wrapWords(printable(`${device} ${state}: ${reason}`), columns, "  "),
      ]),
    ...(troubled.length > maxTroubled ? [`… and ${troubled.length - maxTroubled} more`] : []),
    ...(next === undefined ? [] : ["", ...wrapWords(printable(next), columns)]),
  ];

  function gateLines({ gate, verdict, reason }: GateResult): readonly string[] {
    const [mark, style] = verdictMarks[verdict];
    const [first = "", ...rest] = wrapWords(printable(`${gate}: ${reason}`), columns - 2);
    return [`${paint(style, mark)} ${first}`, ...rest.map((line) => `  ${line}`)];
  }
}

function stageMark(phase: RolloutPhase, stage: number, paint: Paint): string {
  const current = currentStage(phase);
  if (current === undefined) return phase.kind === "complete" ? paint("green", "✓") : paint("dim", "–");
  if (current === stage) return paint(phaseStyles[phase.kind], "●");
  return stage < current ? paint("green", "✓") : paint("dim", "○");
}

/** Every state gets its part of the width, and at least one cell, so that a single failure among thousands is seen. */
export function stageBar(updates: readonly DeviceUpdate[], paint: Paint): string {
  if (updates.length === 0) return paint("dim", "░".repeat(barWidth));
  const parts = barOrder
    .map((state) => ({ state, count: updates.filter((update) => update.state === state).length }))
    .filter(({ count }) => count > 0)
    .map((part) => ({ ...part, cells: Math.max(1, Math.floor((part.count / updates.length) * barWidth)) }));
  const widest = parts.reduce((a, b) => (b.cells > a.cells ? b : a));
  widest.cells += barWidth - parts.reduce((sum, { cells }) => sum + cells, 0);
  return parts.map(({ state, cells }) => paint(barStyles[state][1], barStyles[state][0].repeat(cells))).join("");
}
