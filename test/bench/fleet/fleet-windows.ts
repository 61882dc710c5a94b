import type { Digest, ModelName, ModelVersion } from "../../../proto/ids.ts";
import type { Manifest } from "../../../proto/manifest.ts";
import { latencyEdges } from "../../../proto/sketch/latency.ts";
import { nothingCompared } from "../../../proto/sketch/agreement.ts";
import type { StreamCounts, Window } from "../../../proto/telemetry-messages.ts";

/** A version that devices run, with windows drawn from its packaged reference. */
export interface FleetVersion {
  readonly model: ModelName;
  readonly version: ModelVersion;
  readonly package: Digest;
  readonly variant: string;
  /** One is chosen for each window. */
  readonly usual: readonly (readonly StreamCounts[])[];
  /** As when something stands before the camera: the first stream is in its last bin. */
  readonly drifted: readonly (readonly StreamCounts[])[];
}

export const inferencesOfWindow = 60;
const drawn = 64;

export function fleetVersion(manifest: Manifest, digest: Digest, random: () => number): FleetVersion {
  const usual = Array.from({ length: drawn }, () => drawStreams(manifest, random));
  const drifted = usual.map((streams) => streams.map((counts) => (counts.stream === 0 ? inLastBin(counts) : counts)));
  const { model, version } = manifest;
  return { model, version, package: digest, variant: manifest.variants[0]?.id ?? "", usual, drifted };
}

function drawStreams({ reference }: Manifest, random: () => number): StreamCounts[] {
  return reference.streams.map(({ counts }, stream) => {
    const all = counts.reduce((sum, count) => sum + count, 0);
    const drawnCounts = new Uint32Array(counts.length);
    for (let i = 0; i < inferencesOfWindow; i++) {
      let left = random() * all;
      const bin = counts.findIndex((count) => (left -= count) < 0);
      const at = Math.max(0, bin);
      drawnCounts[at] = (drawnCounts[at] ?? 0) + 1;
    }
    return { stream, histogram: { counts: drawnCounts, missing: 0 } };
  });
}

function inLastBin({ stream, histogram }: StreamCounts): StreamCounts {
  const counts = new Uint32Array(histogram.counts.length);
  counts[counts.length - 1] = inferencesOfWindow;
  return { stream, histogram: { counts, missing: 0 } };
}

export function windowOf(
  version: FleetVersion,
  span: { readonly startedAtMs: number; readonly endedAtMs: number },
  how: { readonly drifts: boolean; readonly inShadow: boolean; readonly draw: number },
): Window {
  const latency = new Uint32Array(latencyEdges.length + 1);
  latency[30] = inferencesOfWindow - 10;
  latency[32] = 10;
  const of = how.drifts ? version.drifted : version.usual;
  return {
    kind: "window",
    model: version.model,
    version: version.version,
    package: version.package,
    variant: version.variant,
    ...span,
    inferences: inferencesOfWindow,
    errors: [],
    latency,
    streams: how.inShadow ? [] : (of[how.draw % of.length] ?? []),
    trial: false,
    ...(how.inShadow && { shadow: agreement() }),
  };
}

function agreement() {
  const nothing = nothingCompared();
  const { distance } = nothing;
  distance[0] = inferencesOfWindow - 1;
  distance[12] = 1;
  const work = { activeWorkMs: inferencesOfWindow * 2, candidateWorkMs: inferencesOfWindow * 2 };
  return { ...nothing, compared: inferencesOfWindow, disagreed: 1, ...work };
}
