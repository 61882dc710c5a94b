import type { StreamReference } from "../../../proto/manifest.ts";
import type { DeviceId } from "../../../proto/ids.ts";
import type { FeedbackCounts, Window } from "../../../proto/telemetry-messages.ts";
import type { ModelVersionRecord } from "../model-version.ts";
import { addTold, noneTold } from "../told-answers.ts";

/** What was counted of some version on some devices: the sum of their windows. */
export interface Evidence {
  /** Each for itself: what one device counts is alike, so a device is one witness, however much it counts. */
  readonly devices: ReadonlyMap<DeviceId, DeviceEvidence>;
  readonly inferences: number;
  /** Output streams by name and bins. Versions may cut a stream at other edges: such counts cannot be added or compared. */
  readonly streams: ReadonlyMap<string, StreamEvidence>;
}

export interface DeviceEvidence {
  readonly inferences: number;
  readonly errors: number;
  /** Over `latencyEdges`. */
  readonly latency: readonly number[];
  /** What applications told about answers. */
  readonly told: FeedbackCounts;
}

export interface StreamEvidence {
  readonly name: string;
  readonly counts: readonly number[];
  readonly missing: number;
}

export const noEvidence: Evidence = {
  devices: new Map(),
  inferences: 0,
  streams: new Map(),
};

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
  readonly #devices = new Map<DeviceId, DeviceEvidence>();
  #inferences = 0;
  readonly #streams = new Map<string, StreamSum>();

  add(device: DeviceId, window: Window, streams: ReadonlyMap<number, NamedStream>): void {
    const errors = window.errors.reduce((sum, { count }) => sum + count, 0);
    // Failed ones are counted among the inferences. One window with more of them would leave the share of errors, of all devices, without bounds.
    if (errors > window.inferences) return;
    const { inferences, latency, feedback = noneTold } = window;
    this.#addDevice(device, { inferences, errors, latency: Array.from(latency), told: feedback });
    this.#inferences += window.inferences;
    for (const { stream, histogram } of window.streams) {
      const named = streams.get(stream);
      // A device that counted in other bins than its package says is not evidence of anything.
      if (named !== undefined && named.size === histogram.counts.length)
        this.#addStream(named.key, named.name, histogram.counts, histogram.missing);
    }
  }

  merge(part: Evidence): void {
    for (const [device, counts] of part.devices) this.#addDevice(device, counts);
    this.#inferences += part.inferences;
    for (const [key, { name, counts, missing }] of part.streams) this.#addStream(key, name, counts, missing);
  }

  evidence(): Evidence {
    return {
      devices: this.#devices,
      inferences: this.#inferences,
      streams: this.#streams,
    };
  }

  #addDevice(device: DeviceId, more: DeviceEvidence): void {
    const known = this.#devices.get(device);
    this.#devices.set(device, known === undefined ? more : sumOfDevice(known, more));
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

function sumOfDevice(a: DeviceEvidence, b: DeviceEvidence): DeviceEvidence {
  return {
    inferences: a.inferences + b.inferences,
    errors: a.errors + b.errors,
    latency: sumOfCounts(a.latency, b.latency),
    told: addTold(a.told, b.told),
  };
}

/** Both over the same edges. */
export function sumOfCounts(a: readonly number[], b: readonly number[]): readonly number[] {
  return a.map((count, bin) => count + (b[bin] ?? 0));
}

function addCounts(sum: number[], counts: ArrayLike<number>): void {
  for (let bin = 0; bin < sum.length; bin++) sum[bin] = (sum[bin] as number) + (counts[bin] ?? 0);
}
