import type { StreamReference } from "../../../proto/manifest.ts";
import type { DeviceId, Digest } from "../../../proto/ids.ts";
import type { FeedbackCounts, Window } from "../../../proto/telemetry-messages.ts";
import { latencyEdges } from "../../../proto/sketch/latency.ts";
import type { ModelVersionRecord } from "../model-version.ts";
import { addTold, noneTold } from "../told-answers.ts";
import type { DeviceUpdate, Rollout, RolloutSpec } from "./rollout.ts";

/** What was counted of some version on some devices: the sum of their windows. */
export interface Evidence {
  readonly devices: ReadonlySet<DeviceId>;
  readonly inferences: number;
  readonly errors: ReadonlyMap<string, number>;
  /** Over `latencyEdges`. */
  readonly latency: readonly number[];
  /** What applications told about answers. */
  readonly told: FeedbackCounts;
  /** Output streams by name and bins. Versions may cut a stream at other edges: such counts cannot be added or compared. */
  readonly streams: ReadonlyMap<string, StreamEvidence>;
}

export interface StreamEvidence {
  readonly name: string;
  readonly counts: readonly number[];
  readonly missing: number;
}

/** Everything that the gates of one rollout look at. */
export interface RolloutEvidence {
  /** Of the new version, by stage of the device. */
  readonly candidate: readonly Evidence[];
  /**
   * Of the versions that are being replaced, on the rollout's own devices: before their update, and on those that still wait.
   * The devices that wait are the control group: what the world does to them at this moment, it does to the others too.
   */
  readonly incumbent: Evidence;
  /** While the rollout goes back: of the versions that were given back, by stage, since that stage's rollback began. */
  readonly restored: readonly Evidence[];
}

/** A window and where and when it came from. */
export interface EvidenceWindow {
  readonly device: DeviceId;
  readonly receivedAtMs: number;
  readonly window: Window;
}

/** Windows, by what they tell about a rollout. Each window is counted in at most one place, so the sums do not depend on any order. */
export function gatherEvidence(
  rollout: Rollout,
  updates: readonly DeviceUpdate[],
  windows: Iterable<EvidenceWindow>,
  catalogue: ReadonlyMap<Digest, ModelVersionRecord>,
): RolloutEvidence {
  const stages = rollout.spec.stages;
  const candidate = stages.map(() => new EvidenceSum());
  const restored = stages.map(() => new EvidenceSum());
  const incumbent = new EvidenceSum();
  const updateOf = new Map(updates.map((update) => [update.device, update]));
  const streamsOf = memoized((digest: Digest) => outputStreamsOf(catalogue.get(digest)));
  const rollbackBeganMs = rollbackStart(rollout);
  for (const { device, receivedAtMs, window } of windows) {
    const update = updateOf.get(device);
    if (update === undefined) continue;
    const part = partOf(rollout.spec, update, window.package, receivedAtMs);
    if (part === undefined) continue;
    const isRestored = rollbackBeganMs !== undefined && receivedAtMs >= rollbackBeganMs && isTakenBack(update);
    const sum = part === "candidate" ? candidate[update.stage] : isRestored ? restored[update.stage] : incumbent;
    sum?.add(device, window, streamsOf(window.package));
  }
  return {
    candidate: candidate.map((sum) => sum.evidence()),
    incumbent: incumbent.evidence(),
    restored: restored.map((sum) => sum.evidence()),
  };
}

export function mergeEvidence(parts: readonly Evidence[]): Evidence {
  const sum = new EvidenceSum();
  for (const part of parts) sum.merge(part);
  return sum.evidence();
}

/** Of two sets of windows of the same rollout. */
export function mergeRolloutEvidence(a: RolloutEvidence, b: RolloutEvidence): RolloutEvidence {
  const byStage = (one: readonly Evidence[], other: readonly Evidence[]) =>
    one.map((part, stage) => mergeEvidence([part, other[stage] ?? noEvidence]));
  return {
    candidate: byStage(a.candidate, b.candidate),
    incumbent: mergeEvidence([a.incumbent, b.incumbent]),
    restored: byStage(a.restored, b.restored),
  };
}

export const noEvidence: Evidence = {
  devices: new Set(),
  inferences: 0,
  errors: new Map(),
  latency: latencyEdges.map(() => 0).concat(0),
  told: noneTold,
  streams: new Map(),
};

export function errorCount(evidence: Evidence): number {
  let errors = 0;
  for (const count of evidence.errors.values()) errors += count;
  return errors;
}

/**
 * Of which version a window speaks. A window of a model's package names it. Settings are in no window: what came after the device had
 * reported them is theirs, what came before it was told of them is that of the settings before, and what lies between is
 * neither's.
 */
function partOf(
  spec: RolloutSpec,
  { incumbent, state, assignedAtMs, settledAtMs }: DeviceUpdate,
  ofPackage: Digest,
  receivedAtMs: number,
): "candidate" | "incumbent" | undefined {
  if (spec.kind === "model") {
    if (ofPackage === spec.package) return "candidate";
    return incumbent?.kind === "model" && incumbent.package === ofPackage ? "incumbent" : undefined;
  }
  if (state === "reverted" || assignedAtMs === undefined || receivedAtMs < assignedAtMs) return "incumbent";
  return state === "confirmed" && receivedAtMs >= (settledAtMs ?? Number.POSITIVE_INFINITY) ? "candidate" : undefined;
}

function rollbackStart({ phase }: Rollout): number | undefined {
  const running = phase.kind === "paused" ? phase.resume : phase;
  return running.kind === "rolling-back" ? running.enteredAtMs : undefined;
}

function isTakenBack(update: DeviceUpdate): boolean {
  return update.state === "reverting" || update.state === "reverted" || update.state === "revert-failed";
}

/** The output streams of a version by their number in its windows. A version that the catalogue lost has none that can be read. */
function outputStreamsOf(record: ModelVersionRecord | undefined): ReadonlyMap<number, NamedStream> {
  const streams = new Map<number, NamedStream>();
  for (const [index, stream] of (record?.manifest.reference.streams ?? []).entries())
    if (isOutputStream(stream))
      streams.set(index, { key: keyOf(stream), name: stream.name, size: stream.counts.length });
  return streams;
}

interface NamedStream {
  readonly key: string;
  readonly name: string;
  readonly size: number;
}

/** The packaged baseline as evidence, for versions that replace nothing. */
export function referenceStreams(record: ModelVersionRecord): ReadonlyMap<string, StreamEvidence> {
  const outputs = record.manifest.reference.streams.filter(isOutputStream);
  return new Map(
    outputs.map((stream) => [keyOf(stream), { name: stream.name, counts: stream.counts, missing: stream.missing }]),
  );
}

function isOutputStream(stream: StreamReference): boolean {
  return stream.name.startsWith("output.");
}

/** The same text, the same stream in the same bins. */
function keyOf(stream: StreamReference): string {
  return `${stream.name} ${JSON.stringify(stream.kind === "numeric" ? stream.edges : stream.categories)}`;
}

function memoized<K, V>(compute: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    const value = compute(key);
    known.set(key, value);
    return value;
  };
}

interface StreamSum {
  readonly name: string;
  readonly counts: number[];
  missing: number;
}

class EvidenceSum {
  readonly #devices = new Set<DeviceId>();
  #inferences = 0;
  readonly #errors = new Map<string, number>();
  readonly #latency = [...noEvidence.latency];
  #told = noneTold;
  readonly #streams = new Map<string, StreamSum>();

  add(device: DeviceId, window: Window, streams: ReadonlyMap<number, NamedStream>): void {
    this.#devices.add(device);
    this.#inferences += window.inferences;
    for (const { class: name, count } of window.errors) this.#addErrors(name, count);
    addCounts(this.#latency, window.latency);
    this.#told = addTold(this.#told, window.feedback);
    for (const { stream, histogram } of window.streams) {
      const named = streams.get(stream);
      // A device that counted in other bins than its package says is not evidence of anything.
      if (named !== undefined && named.size === histogram.counts.length)
        this.#addStream(named.key, named.name, histogram.counts, histogram.missing);
    }
  }

  merge(part: Evidence): void {
    for (const device of part.devices) this.#devices.add(device);
    this.#inferences += part.inferences;
    for (const [name, count] of part.errors) this.#addErrors(name, count);
    addCounts(this.#latency, part.latency);
    this.#told = addTold(this.#told, part.told);
    for (const [key, { name, counts, missing }] of part.streams) this.#addStream(key, name, counts, missing);
  }

  evidence(): Evidence {
    return {
      devices: this.#devices,
      inferences: this.#inferences,
      errors: this.#errors,
      latency: this.#latency,
      told: this.#told,
      streams: this.#streams,
    };
  }

  #addErrors(name: string, count: number): void {
    this.#errors.set(name, (this.#errors.get(name) ?? 0) + count);
  }

  #addStream(key: string, name: string, counts: ArrayLike<number>, missing: number): void {
    const sum = this.#streams.get(key);
    if (sum === undefined) this.#streams.set(key, { name, counts: Array.from(counts), missing });
    else {
      addCounts(sum.counts, counts);
      sum.missing += missing;
    }
  }
}

function addCounts(sum: number[], counts: ArrayLike<number>): void {
  for (let bin = 0; bin < sum.length; bin++) sum[bin] = (sum[bin] as number) + (counts[bin] ?? 0);
}
