import { isDigest } from "./ids.ts";
import type { JsonReader } from "./json-reader.ts";
import { limits } from "./limits.ts";
import { isProgramVersion } from "./program-version.ts";
import type { Measurement, Quality, Variant, VariantBuild } from "./manifest.ts";
import { chunkedFile, nameCharacters, scalars } from "./manifest-values.ts";

export function variant(reader: JsonReader): Variant {
  const requires = reader.field("requires");
  const architectures = requires.field("architectures");
  const agentVersion = requires.field("agentVersion");
  const opset = requires.field("opset");
  const accuracy = reader.field("accuracy");
  const quality = reader.field("quality");
  const tolerance = reader.field("tolerance");
  return {
    id: reader.field("id").text(64),
    precision: reader.field("precision").text(64),
    file: chunkedFile(reader.field("file"), limits.variantBytes),
    runtimes: reader
      .field("runtimes")
      .list(16)
      .map((runtime) => runtime.text(64)),
    requires: {
      architectures: architectures.absent
        ? undefined
        : architectures.list(16).map((architecture) => architecture.text(64)),
      cpuFlags: requires
        .field("cpuFlags")
        .list(64)
        .map((flag) => flag.text(64)),
      memoryBytes: requires.field("memoryBytes").quantity(Number.MAX_SAFE_INTEGER),
      ...(!agentVersion.absent && {
        agentVersion: agentVersion.textThat(isProgramVersion, "a version, such as 1.4.0"),
      }),
      ...(!opset.absent && { opset: opset.count(1_000_000) }),
    },
    tolerance: {
      maxDifference: tolerance.field("maxDifference").quantity(Number.MAX_VALUE),
      sameTop: tolerance.field("sameTop").flag(),
    },
    accuracy: accuracy.absent ? undefined : accuracy.quantity(1),
    build: variantBuild(reader.field("build")),
    quality: quality.absent ? undefined : qualityOf(quality),
    measured: reader.field("measured").list(64).map(measurement),
  };
}

function variantBuild(reader: JsonReader): VariantBuild {
  const from = reader.field("from");
  const calibration = reader.field("calibration");
  return {
    method: reader.field("method").text(64),
    options: scalars(reader.field("options")),
    from: from.absent ? undefined : from.textThat(isDigest, "a digest"),
    calibration: calibration.absent
      ? undefined
      : {
          digest: calibration.field("digest").textThat(isDigest, "a digest"),
          samples: calibration.field("samples").count(Number.MAX_SAFE_INTEGER),
        },
  };
}

function qualityOf(reader: JsonReader): Quality {
  return {
    metric: reader.field("metric").text(nameCharacters),
    better: reader.field("better").oneOf(["higher", "lower"]),
    value: reader.field("value").finite(),
    reference: reader.field("reference").finite(),
    tolerance: reader.field("tolerance").quantity(Number.MAX_VALUE),
    samples: reader.field("samples").count(Number.MAX_SAFE_INTEGER),
  };
}

function measurement(reader: JsonReader): Measurement {
  const milliseconds = (name: string) => reader.field(name).quantity(Number.MAX_SAFE_INTEGER);
  return {
    architecture: reader.field("architecture").text(64),
    cpuFlags: reader
      .field("cpuFlags")
      .list(64)
      .map((flag) => flag.text(64)),
    processor: reader.field("processor").text(nameCharacters),
    runtime: reader.field("runtime").text(nameCharacters),
    p50Ms: milliseconds("p50Ms"),
    p95Ms: milliseconds("p95Ms"),
    loadMs: milliseconds("loadMs"),
    peakMemoryBytes: milliseconds("peakMemoryBytes"),
    runs: reader.field("runs").count(Number.MAX_SAFE_INTEGER),
  };
}
