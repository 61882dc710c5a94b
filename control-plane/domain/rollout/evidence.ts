import type { StreamReference } from "../../../proto/manifest.ts";
import type { DeviceId } from "../../../proto/ids.ts";
import type { FeedbackCounts, Window } from "../../../proto/telemetry-messages.ts";
import { latencyEdges } from "../../../proto/sketch/latency.ts";
import type { ModelVersionRecord } from "../model-version.ts";
import { addTold, noneTold } from "../told-answers.ts";

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

export function mergeEvidence(parts: readonly Evidence[]): Evidence {
  const sum = new EvidenceSum();
  for (const part of parts) sum.merge(part);
  return sum.evidence();
}

/** The output streams of a version by their number in its windows. A version that the catalogue lost has none that can be read. */
export function outputStreamsOf(record: ModelVersionRecord | undefined): ReadonlyMap<number, NamedStream> {
  const streams = new Map<number, NamedStream>();
  for (const [index, stream] of (record?.manifest.reference.streams ?? []).entries())
    if (isOutputStream(stream))
      streams.set(index, { key: keyOf(stream), name: stream.name, size: stream.counts.length });
  return streams;
}

export interface NamedStream {
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

interface StreamSum {
  readonly name: string;
  readonly counts: number[];
  missing: number;
}

export class EvidenceSum {
  readonly #devices = new Set<DeviceId>();
  #inferences = 0;
  readonly #errors = new Map<string, number>();
  readonly #latency = [...noEvidence.latency];
  #told = noneTold;
  readonly #streams = new Map<string, StreamSum>();

  add(device: DeviceId, window: Window, streams: ReadonlyMap<number, NamedStream>): void {
    // Failed ones are counted among the inferences. One window with more of them would leave the share of errors, of all devices, without bounds.
    if (window.errors.reduce((sum, { count }) => sum + count, 0) > window.inferences) return;
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
