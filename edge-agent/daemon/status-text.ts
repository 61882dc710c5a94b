import { hours, minutes, seconds } from "../../proto/units.ts";
import type { AgentStatus, ModelStatus } from "../core/agent-status.ts";

/** The agent's status for a person: plain ASCII in short lines, because it may be read on a serial console. */
export function statusText(status: AgentStatus): string {
  const { lifecycle, windows } = status.spool;
  const lines = [
    line("device", `${status.device}, agent ${status.agentVersion}, up ${duration(status.uptimeMs)}`),
    line("connection", status.connected ? "connected" : `not connected: ${status.connectionProblem}`),
    line("assignment", status.generation === 0 ? "none yet" : `generation ${status.generation}`),
    ...(status.refusal === "" ? [] : [line("refused", status.refusal)]),
    line("unsent", `${lifecycle.records} events, ${windows.records} windows, ${size(lifecycle.bytes + windows.bytes)}`),
    ...(status.models.length === 0 ? [line("models", "none")] : status.models.flatMap(modelLines)),
  ];
  return `${lines.join("\n")}\n`;
}

function modelLines(model: ModelStatus): string[] {
  const { serving, failure } = model;
  const now = serving === undefined ? "not answering" : `answering with ${serving.version} (${serving.variant})`;
  const update = model.candidate === undefined ? [] : [line("  update", `${model.phase} of ${model.candidate}`)];
  return [
    line(`model ${model.model}`, now),
    ...update,
    line("  goes back to", model.previous ?? "nothing"),
    ...(failure === undefined ? [] : [line(`  ${failure.kind}`, failure.reason)]),
  ];
}

function line(name: string, value: string): string {
  return `${`${name}:`.padEnd(16)} ${value}`;
}

/** Two units at most: 65 s are "1m 5s". */
export function duration(ms: number): string {
  const units = [
    ["d", hours(24)],
    ["h", hours(1)],
    ["m", minutes(1)],
    ["s", seconds(1)],
  ] as const;
  const first = units.findIndex(([, unit]) => ms >= unit);
  if (first === -1) return "0s";
  let left = ms;
  const parts = units.slice(first, first + 2).map(([name, unit]) => {
    const count = Math.floor(left / unit);
    left -= count * unit;
    return `${count}${name}`;
  });
  return parts.join(" ");
}

function size(bytes: number): string {
  return bytes < 10_000 ? `${bytes} B` : `${Math.round(bytes / 1_000)} kB`;
}
