import type { Agreement } from "../../../proto/telemetry-messages.ts";
import { counted, figure } from "./format-figure.ts";
import type { GateResult } from "./gate.ts";
import type { ShadowEvidence } from "./shadow-evidence.ts";
import type { StageCase } from "./stage-case.ts";
import { undecided } from "./stage-case.ts";

/** How much longer the new version works, as pairs show it. */
export interface PairedLatency {
  readonly ratio: number;
  readonly lower: number;
  readonly upper: number;
  readonly devices: number;
  readonly compared: number;
}

/** Rows of a device without which its ratio is hearsay. How much so few may be off shows in how far the devices differ. */
const fewestOfDevice = 5;
/** Of one row. Below it clocks tell nothing, so two versions that take less are alike. */
const leastMs = 0.01;
/**
 * Of one row. A candidate in shadow gets what the others leave of the processor. For so long it may wait for its turn on a busy machine,
 * which a clock does not tell from work.
 */
const turnMs = 10;
const z = 1.959963984540054;
/** How far devices differ at least, and how far they are taken to differ where there is only one, as standard deviation of the logarithm. */
const leastSpread = 0.1;
const spreadOfOne = 0.35;

/**
 * How much longer the new version works on the same inputs. Every device has one vote, its ratio of the two sums of work; the ratio that
 * is judged is their geometric mean, with 95 % bounds from how far the devices differ: ratio · e^(± 1.96 s / √k) for k devices.
 *
 * It fails when the lower bound is over the limit, and passes with as many rows as the stage asks for and a ratio within it; but not
 * while the others, without the device on which the new version is fastest, are certainly over it: no device alone passes a version.
 * What is over the limit only by the 10 ms a row that a candidate may wait for its turn neither fails nor is waited for: the stages in
 * which the new version answers judge that. They judge it too where enough was compared and too little of it timed.
 *
 * Example: ratios of 1.6, 2.0 and 2.5 have the mean 2.0 and s = 0.22: 1.6 to 2.6. Over a limit of 1.5 beyond doubt: fail.
 */
export function judgePairedLatency(question: StageCase, limit: number): GateResult {
  const { shadow, stage, updates } = question;
  const heard = comparedEnough(shadow);
  const timed = heard.filter(isTimed);
  const rows = rowsOf(timed);
  const gate = "shadow-latency";
  const neededDevices = Math.max(1, Math.min(2, updates.filter(({ state }) => state === "shadowing").length));
  if (timed.length < neededDevices && heard.length >= neededDevices && rowsOf(heard) >= stage.minInferences) {
    const reason = `${rowsOf(heard)} compared, but timed on ${counted(timed.length, "device")} only, because requests are answered together: it is judged where it answers`;
    return { gate, verdict: "pass", reason, measured: { compared: rows, devices: timed.length, limit } };
  }
  if (timed.length < neededDevices) {
    const reason = `${counted(timed.length, "device")} with ${fewestOfDevice} compared: ${neededDevices} ${neededDevices === 1 ? "is" : "are"} needed`;
    return undecided(question, { gate, reason, measured: { compared: rows, devices: timed.length, limit } });
  }
  const { ratio, lower, upper } = ratioOf(timed);
  const sure = ratioOf(timed, turnMs);
  const numbers = `${figure(ratio)} times the work over ${rows} compared on ${counted(timed.length, "device")} (${figure(lower)} to ${figure(upper)}), limit ${figure(limit)}`;
  const result = { gate, measured: { compared: rows, devices: timed.length, ratio, lower, upper, limit } };
  if (sure.lower > limit) return { ...result, verdict: "fail", reason: `${numbers}: slower beyond doubt` };
  if (rows < stage.minInferences)
    return undecided(question, { ...result, reason: `${numbers}: ${stage.minInferences} are needed` });
  if (ratio > limit && sure.ratio <= limit) {
    const reason = `${numbers}: over the limit by no more than waiting for the processor explains; it is judged where it answers`;
    return { ...result, verdict: "pass", reason };
  }
  if (ratio > limit)
    return undecided(question, { ...result, reason: `${numbers}: over the limit, but not beyond doubt` });
  if (neededDevices > 1 && ratioOf(withoutFastest(timed)).lower > limit)
    return undecided(question, { ...result, reason: `${numbers}: within the limit for one device alone` });
  return { ...result, verdict: "pass", reason: `${numbers}: within the limit` };
}

/**
 * What the shadow has shown once it is over; undefined where it has timed too little, or does not tell work from waiting. Where several
 * devices compared, one alone does not vouch for the version.
 */
export function pairedLatencyOf(shadow: ShadowEvidence, limit: number): PairedLatency | undefined {
  const heard = comparedEnough(shadow);
  const timed = heard.filter(isTimed);
  if (timed.length < Math.max(1, Math.min(2, heard.length))) return undefined;
  const found = ratioOf(timed);
  return found.ratio > limit ? undefined : { ...found, devices: timed.length, compared: rowsOf(timed) };
}

function comparedEnough({ devices }: ShadowEvidence): readonly Agreement[] {
  return [...devices.values()].filter(({ compared }) => compared >= fewestOfDevice);
}

/** What the active model answers together with other requests has no time of its own: a device that answers all so has timed nothing. */
function isTimed({ activeWorkMs, candidateWorkMs }: Agreement): boolean {
  return activeWorkMs + candidateWorkMs > 0;
}

function rowsOf(devices: readonly Agreement[]): number {
  return devices.reduce((all, { compared }) => all + compared, 0);
}

function withoutFastest(devices: readonly Agreement[]): readonly Agreement[] {
  return devices.toSorted((a, b) => logRatioOf(a) - logRatioOf(b)).slice(1);
}

function logRatioOf({ compared, activeWorkMs, candidateWorkMs }: Agreement, waitedMs = 0): number {
  const least = leastMs * compared;
  return Math.log(Math.max(candidateWorkMs - waitedMs * compared, least) / Math.max(activeWorkMs, least));
}

function ratioOf(devices: readonly Agreement[], waitedMs = 0) {
  const logs = devices.map((device) => logRatioOf(device, waitedMs));
  const k = logs.length;
  const mean = logs.reduce((all, log) => all + log, 0) / k;
  const variance = logs.reduce((all, log) => all + (log - mean) ** 2, 0) / Math.max(1, k - 1);
  const spread = k === 1 ? spreadOfOne : Math.max(leastSpread, Math.sqrt(variance));
  const reach = Math.exp((z * spread) / Math.sqrt(k));
  const ratio = Math.exp(mean);
  return { ratio, lower: ratio / reach, upper: ratio * reach };
}
