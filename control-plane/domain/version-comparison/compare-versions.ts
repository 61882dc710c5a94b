import type { Measurement, Quality, Variant } from "../../../proto/manifest.ts";
import { deviceClassOf } from "../device-class.ts";
import type { DeviceMeasurement } from "../device-measurements.ts";
import type { ModelVersionRecord } from "../model-version.ts";
import { meaningDifferences } from "./meaning-differences.ts";
import type { OperatorCount, OperatorPair } from "./operator-counts.ts";
import { operatorPairs } from "./operator-counts.ts";
import type { StreamDistance } from "./stream-distance.ts";
import { streamDistances } from "./stream-distance.ts";
import { tensorDifferences } from "./tensor-differences.ts";

/** What is read from a variant's file. */
export interface GraphFacts {
  readonly nodes: number;
  readonly parameters: number;
  readonly opset: number | undefined;
  readonly operators: readonly OperatorCount[];
}

/** A version with everything that it is compared by. */
export interface VersionToCompare {
  readonly record: ModelVersionRecord;
  /** By the id of the variant. */
  readonly graphs: ReadonlyMap<string, GraphFacts>;
  readonly onDevices: readonly DeviceMeasurement[];
}

/** Two stored versions of one model, side by side. */
export interface VersionComparison {
  readonly a: ComparedVersion;
  readonly b: ComparedVersion;
  /** Where inputs, outputs and what they mean differ, in words. */
  readonly interface: readonly string[];
  /** In the order of A, then those that only B has. */
  readonly variants: readonly VariantPair[];
  /** The packaged reference profiles: what went in and came out when each was packed. */
  readonly streams: readonly StreamDistance[];
}

export interface ComparedVersion {
  readonly model: string;
  readonly version: string;
  readonly package: string;
  readonly publisher: string;
  readonly pushedAtMs: number;
  readonly parent: string | undefined;
  readonly referenceRows: number;
}

export interface VariantPair {
  readonly id: string;
  readonly a: ComparedVariant | undefined;
  readonly b: ComparedVariant | undefined;
  /** Every operator of both, the largest difference first; undefined where only one version has the variant. */
  readonly operators: readonly OperatorPair[] | undefined;
  /** One row for each kind of machine on which either was measured. */
  readonly latency: readonly LatencyPair[];
}

export interface ComparedVariant {
  readonly precision: string;
  readonly method: string;
  readonly bytes: number;
  readonly graph: Omit<GraphFacts, "operators"> | undefined;
  /** Share of the reference rows whose label it predicts. */
  readonly accuracy: number | undefined;
  /** The task metric on held-out samples. */
  readonly quality: Quality | undefined;
}

export interface LatencyPair {
  readonly measured: "when-packed" | "on-devices";
  readonly deviceClass: string;
  readonly a: LatencyFigures | undefined;
  readonly b: LatencyFigures | undefined;
}

export interface LatencyFigures {
  readonly runs: number;
  readonly p50Ms: number | undefined;
  readonly p95Ms: number | undefined;
  /** Undefined where it was packed: a variant that fails there does not get into the package. */
  readonly errorShare: number | undefined;
  /** Undefined on devices: a class of devices has many processors. */
  readonly processor: string | undefined;
}

/** Exchanging A and B exchanges the sides of every figure and changes nothing else, but for the order of variants and streams. */
export function compareVersions(a: VersionToCompare, b: VersionToCompare): VersionComparison {
  const [ofA, ofB] = [a.record.manifest, b.record.manifest];
  const ids = new Set([...ofA.variants, ...ofB.variants].map(({ id }) => id));
  return {
    a: comparedVersion(a.record),
    b: comparedVersion(b.record),
    interface: [
      ...tensorDifferences("input", ofA.inputs, ofB.inputs),
      ...tensorDifferences("output", ofA.outputs, ofB.outputs),
      ...meaningDifferences(ofA, ofB),
    ],
    variants: [...ids].map((id) => variantPair(id, a, b)),
    streams: streamDistances(ofA.reference.streams, ofB.reference.streams),
  };
}

function comparedVersion({ manifest, ...record }: ModelVersionRecord): ComparedVersion {
  return {
    model: record.model,
    version: record.version,
    package: record.package,
    publisher: record.publisher,
    pushedAtMs: record.pushedAtMs,
    parent: manifest.lineage.parent?.version,
    referenceRows: manifest.reference.rows,
  };
}

function variantPair(id: string, a: VersionToCompare, b: VersionToCompare): VariantPair {
  const [graphA, graphB] = [a.graphs.get(id), b.graphs.get(id)];
  return {
    id,
    a: comparedVariant(id, a),
    b: comparedVariant(id, b),
    operators:
      graphA === undefined || graphB === undefined ? undefined : operatorPairs(graphA.operators, graphB.operators),
    latency: latencyPairs(latenciesOf(id, a), latenciesOf(id, b)),
  };
}

function variantOf(id: string, { record }: VersionToCompare): Variant | undefined {
  return record.manifest.variants.find((variant) => variant.id === id);
}

function comparedVariant(id: string, version: VersionToCompare): ComparedVariant | undefined {
  const variant = variantOf(id, version);
  if (variant === undefined) return undefined;
  const { precision, build, file, accuracy, quality } = variant;
  const graph = version.graphs.get(id);
  return {
    precision,
    method: build.method,
    bytes: file.size,
    graph: graph && { nodes: graph.nodes, parameters: graph.parameters, opset: graph.opset },
    accuracy,
    quality,
  };
}

interface Latency extends Pick<LatencyPair, "measured" | "deviceClass"> {
  readonly figures: LatencyFigures;
}

function latenciesOf(id: string, version: VersionToCompare): readonly Latency[] {
  return [
    ...(variantOf(id, version)?.measured ?? []).map(whenPacked),
    ...version.onDevices.filter(({ variant }) => variant === id).map(onDevices),
  ];
}

function whenPacked(measurement: Measurement): Latency {
  const { runs, p50Ms, p95Ms, processor } = measurement;
  return {
    measured: "when-packed",
    deviceClass: deviceClassOf(measurement, measurement.runtime),
    figures: { runs, p50Ms, p95Ms, errorShare: undefined, processor },
  };
}

function onDevices({ deviceClass, inferences, p50Ms, p95Ms, errorShare }: DeviceMeasurement): Latency {
  return {
    measured: "on-devices",
    deviceClass,
    figures: { runs: inferences, p50Ms, p95Ms, errorShare, processor: undefined },
  };
}

/** When packed before on devices, classes by name: an order that both sides share. */
function latencyPairs(a: readonly Latency[], b: readonly Latency[]): readonly LatencyPair[] {
  const pairs = new Map<string, LatencyPair>();
  for (const [side, latencies] of [["a", a] as const, ["b", b] as const])
    for (const { measured, deviceClass, figures } of latencies) {
      const key = `${measured === "when-packed" ? 0 : 1} ${deviceClass}`;
      const pair = pairs.get(key) ?? { measured, deviceClass, a: undefined, b: undefined };
      pairs.set(key, { ...pair, [side]: figures });
    }
  return [...pairs].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, pair]) => pair);
}
