import { hours, minutes, seconds } from "../../proto/units.ts";
import { asciiOf, sizeText, wrapped } from "./console-text.ts";
import type { HostFacts } from "./host-facts.ts";
import type { AgentStatus, ModelStatus } from "../core/agent-status.ts";

/** The agent's status for a person: plain ASCII in short lines, because it may be read on a serial console. */
export function statusText(status: AgentStatus, host: HostFacts): string {
  const { memory } = status;
  const { lifecycle, windows, samples } = status.spool;
  const unsent = sizeText(Object.values(status.spool).reduce((sum, { bytes }) => sum + bytes, 0));
  const lines = [
    ...line("device", `${status.device}, agent ${status.agentVersion}, up ${duration(status.uptimeMs)}`),
    ...line("connection", status.connected ? "connected" : `not connected: ${status.connectionProblem}`),
    ...line("assignment", status.generation === 0 ? "none yet" : `generation ${status.generation}`),
    ...line("runtime", runtimeText(status.runtime)),
    ...(status.refusal === "" ? [] : line("refused", status.refusal)),
    ...line(
      "unsent",
      `${counted(lifecycle.records, "event")}, ${counted(windows.records, "window")}, ${counted(samples.records, "sample")}, ${unsent}`,
    ),
    ...settingLines(status),
    ...(status.saving === "" ? [] : line("saves energy", `samples and shadows wait: ${status.saving}`)),
    ...hostLines(host),
    ...line("models take", `${sizeText(memory.usedBytes)} of ${sizeText(memory.budgetBytes)} of memory`),
    ...(status.models.length === 0 ? line("models", "none") : status.models.flatMap(modelLines)),
  ];
  return `${lines.join("\n")}\n`;
}

function runtimeText({ name, version, reason }: AgentStatus["runtime"]): string {
  return `${name} ${version}${reason === "" ? "" : `: ${reason}`}`;
}

/** The same in one line. Example: `connected; digits 2.0.0 (int8), faces not answering`. */
export function summaryOf({ connected, models }: AgentStatus): string {
  const serving = models.map(
    ({ model, serving: now }) => `${model} ${now === undefined ? "not answering" : `${now.version} (${now.variant})`}`,
  );
  return asciiOf(
    `${connected ? "connected" : "not connected"}; ${serving.length === 0 ? "no model" : serving.join(", ")}`,
  );
}

/** What somebody set, and who; defaults are not worth a line. */
function settingLines({ settings, refusedSettings }: AgentStatus): readonly string[] {
  return [
    ...settings
      .filter(({ by }) => by !== "default")
      .flatMap(({ key, text, by, from, overruled }) => {
        const who = by === "centre" ? `by the centre: ${from ?? ""}` : `by the ${by}`;
        const instead = overruled === undefined ? "" : `; the centre wants ${overruled.text}: ${overruled.from}`;
        return line(`set ${key}`, `${text} (${who}${instead})`);
      }),
    ...refusedSettings.flatMap(({ name, version, reason }) => line(`not set ${name}`, `version ${version}: ${reason}`)),
  ];
}

function hostLines({ disk, memory, processes, temperatureCelsius }: HostFacts): readonly string[] {
  return [
    ...line("disk", `${sizeText(disk.freeBytes)} of ${sizeText(disk.totalBytes)} free`),
    ...line("memory", `${sizeText(memory.availableBytes)} of ${sizeText(memory.totalBytes)} available`),
    ...processes.flatMap(({ kind, pid, residentBytes, cpuShare }) =>
      line(`  ${kind}`, `${sizeText(residentBytes)}, ${(cpuShare * 100).toFixed(1)} % of a core, process ${pid}`),
    ),
    ...(temperatureCelsius === undefined ? [] : line("temperature", `${temperatureCelsius.toFixed(0)} C`)),
  ];
}

function modelLines(model: ModelStatus): readonly string[] {
  const { serving, failure, held, running, joining, trial } = model;
  const now = serving === undefined ? "not answering" : servingText(serving, running.rests);
  const update =
    model.candidate === undefined ? [] : line("  update", updateText(model.phase, model.candidate, running));
  return [
    ...line(`model ${model.model}`, now),
    ...update,
    ...(held === undefined ? [] : line("  waits", held)),
    ...(trial === undefined ? [] : line("  waits", trialText(trial))),
    ...line("  goes back to", goesBackTo(model)),
    ...(failure === undefined ? [] : line(`  ${failure.kind}`, failure.reason)),
    ...(joining?.kind === "off" ? line("  one by one", joining.reason) : []),
    ...model.quarantined.flatMap(({ variant, reason }) => line("  quarantined", `${variant}: ${reason}`)),
  ];
}

/** Example: `for 17 of 20 requests, at most another 8m 10s`. */
function trialText(trial: NonNullable<ModelStatus["trial"]>): string {
  const { elapsedMs, durationMs, deadlineMs, inferences, minInferences } = trial;
  const left = (ms: number) => duration(Math.max(0, ms - elapsedMs));
  return inferences < minInferences
    ? `for ${minInferences - inferences} of ${minInferences} requests, at most another ${left(deadlineMs)}`
    : `another ${left(durationMs)}, to see that it goes on doing well`;
}

/** Example: `3.0.0 in shadow: 240 compared, 3 disagree`. */
function updateText(phase: string, candidate: string, { shadow, shadowWaits }: ModelStatus["running"]): string {
  if (shadowWaits) return `${candidate} in shadow waits for memory that others have`;
  if (shadow === undefined) return `${phase} of ${candidate}`;
  const { compared, disagreed, failed, skipped } = shadow.counts;
  const others = [
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    ...(shadow.paused === undefined ? [] : [`paused: ${shadow.paused}`]),
  ];
  return [`${candidate} in shadow: ${compared} compared`, `${disagreed} disagree`, ...others].join(", ");
}

function servingText({ version, variant }: NonNullable<ModelStatus["serving"]>, rests: string | undefined): string {
  return rests === undefined ? `answering with ${version} (${variant})` : `${version} (${variant}) rests: ${rests}`;
}

function goesBackTo({ active, previous, factory }: ModelStatus): string {
  if (factory === undefined) return previous ?? "nothing";
  const cameWith = `${factory}, which came with this device`;
  if (active === undefined) return `nothing: it has ${cameWith}`;
  return previous === undefined ? cameWith : `${previous}, then ${cameWith}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function line(name: string, value: string): readonly string[] {
  return wrapped(`${`${name}:`.padEnd(16)} `, value);
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
