import { bytesOfText } from "./bytes.ts";
import type { ChunkHashes } from "./chunk-hashes.ts";
import type { Digest, ModelName, ModelVersion } from "./ids.ts";
import type { Measure } from "./measures/measure.ts";
import type { TensorType } from "./tensors.ts";

/**
 * The description of one model version: what it takes and gives, where it comes from, its variants, its golden set and the reference
 * profile that drift is measured against. It is the file `manifest.json` of a package; manifest-parser.ts reads it.
 */
export interface Manifest {
  readonly schema: 1;
  readonly model: ModelName;
  readonly version: ModelVersion;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly about: About;
  readonly lineage: Lineage;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /** How large the free dimensions may be, by their names. A dimension that is not named here is not limited. */
  readonly dimensions: readonly DimensionRange[];
  /** What is done to a value before it is an input, and to an output before it is an answer, in this order. For applications. */
  readonly processing: readonly ProcessingStep[];
  /** Outputs of one inference that are inputs of the next; the first one gets zeros. */
  readonly state: readonly StatePair[];
  readonly features: readonly FeatureSpec[];
  readonly interpretation: Interpretation;
  /** In order of preference: a device takes the first that its profile can run. */
  readonly variants: readonly Variant[];
  /** A GoldenSet, in protobuf. */
  readonly golden: ChunkedFile;
  readonly reference: ReferenceProfile;
  /** An inference that takes longer is stopped and counted as an error. */
  readonly maxInferenceMs: number;
  /** Inferences on golden inputs before the model counts as ready: the first ones are slower. */
  readonly warmUpRuns: number;
  /** Every other file of the package. */
  readonly files: readonly PackageFile[];
  /** The program that made the package: "sedge 0.1.0". */
  readonly tool: string;
}

export interface About {
  readonly description: string | undefined;
  /** SPDX licence expression. */
  readonly license: string | undefined;
  readonly authors: readonly string[];
  readonly source: string | undefined;
}

/** A value that people gave a name to: a hyper-parameter, an option. */
export type Scalar = string | number | boolean;

/** Where the version comes from. Nothing of it is judged; all of it is signed. */
export interface Lineage {
  /** The version that this one was trained on from. The digest names its package where it is known. */
  readonly parent: { readonly version: ModelVersion; readonly package: Digest | undefined } | undefined;
  readonly trainingData: readonly { readonly reference: string; readonly digest: Digest | undefined }[];
  readonly codeRevision: string | undefined;
  readonly hyperParameters: Readonly<Record<string, Scalar>>;
  readonly metrics: Readonly<Record<string, number>>;
  readonly trainedBy: string | undefined;
  /** ISO 8601. */
  readonly trainedAt: string | undefined;
}

export interface PackageFile extends FileReference {
  /** Relative, with "/" between folders. */
  readonly path: string;
}

export interface DimensionRange {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** What it mostly is: what memory and latency were measured with. */
  readonly typical: number;
}

/** Example: { tensor: "image", operation: "normalise", parameters: { mean: 0.1307, standardDeviation: 0.3081 } }. */
export interface ProcessingStep {
  /** The input or output it belongs to. */
  readonly tensor: string;
  readonly operation: string;
  readonly parameters: Readonly<Record<string, Scalar | readonly Scalar[]>>;
}

export interface StatePair {
  readonly input: string;
  readonly output: string;
}

export interface FileReference {
  readonly digest: Digest;
  readonly size: number;
}

/** A file that devices fetch. */
export interface ChunkedFile extends FileReference {
  /** Absent: the file is small, or the package is from before there were any. */
  readonly chunks?: ChunkHashes | undefined;
}

/** A dimension is a number, or the name of a free one such as "batch". The first free dimension of an input counts inferences. */
export interface TensorSpec {
  readonly name: string;
  readonly dataType: TensorType;
  readonly shape: readonly (number | string)[];
}

/** How one number is read from one inference's input: what the input streams are made of. */
export type FeatureSpec = DeclaredValues &
  (
    | { readonly kind: "column"; readonly name: string; readonly input: string; readonly index: number }
    | { readonly kind: TensorFeatureKind; readonly name: string; readonly input: string }
    | { readonly kind: "measure"; readonly name: string; readonly input: string; readonly measure: Measure }
    | UnknownFeature
  );

/**
 * What a newer packager declared and this version cannot measure. The package is good all the same: the stream is not counted here,
 * neither as a value nor as missing, so that nobody takes an older agent for a broken sensor.
 */
export interface UnknownFeature {
  readonly kind: "unknown";
  readonly name: string;
  readonly input: string;
  /** What was not known: a kind, a statistic, or fields. */
  readonly stated: string;
}

/** What the publisher knows of a feature's values. Devices' detectors go by it before what they derive from the reference. */
export interface DeclaredValues {
  /** The values that are possible at all; at least one end, and `min` below `max`. */
  readonly range?: { readonly min?: number | undefined; readonly max?: number | undefined } | undefined;
  /** A run of more than so many equal values is stuck. */
  readonly stuckAfter?: number | undefined;
  /** Equal values are well, however many follow each other. */
  readonly mayRest?: boolean | undefined;
}

/**
 * Statistics of all elements of a row: what features were before there were measures, to the bit. `gradient` is the mean absolute
 * difference of neighbouring elements in the last two dimensions: blur lowers it, noise raises it.
 */
export const tensorFeatureKinds = ["mean", "standard-deviation", "minimum", "maximum", "gradient"] as const;
export type TensorFeatureKind = (typeof tensorFeatureKinds)[number];

/** What the outputs mean: where the output streams come from. */
export type Interpretation =
  | {
      readonly kind: "classification";
      readonly output: string;
      readonly scores: "logits" | "probabilities";
      readonly labels: readonly string[];
    }
  | { readonly kind: "regression"; readonly output: string }
  /** Scores of each symbol at each step, [steps, symbols], read greedily: repeated symbols and the blank are left out. */
  | {
      readonly kind: "sequence";
      readonly output: string;
      readonly scores: "logits" | "probabilities";
      readonly blank: number;
    };

export interface Variant {
  readonly id: string;
  readonly precision: string;
  readonly file: ChunkedFile;
  readonly runtimes: readonly string[];
  readonly requires: VariantRequirements;
  readonly tolerance: Tolerance;
  /** Share of the reference rows whose label it predicts, when labels came with the reference data. */
  readonly accuracy: number | undefined;
  readonly build: VariantBuild;
  /** What its task metric was on samples that had no part in making it; undefined where there was nothing to judge by. */
  readonly quality: Quality | undefined;
  /** One for each kind of machine it was measured on. */
  readonly measured: readonly Measurement[];
}

/** How the file was made: enough to make it again, byte for byte. */
export interface VariantBuild {
  /** "given" for a file that was not made here; else the quantization method. */
  readonly method: string;
  readonly options: Readonly<Record<string, Scalar | readonly Scalar[]>>;
  /** The file it was made from. */
  readonly from: Digest | undefined;
  /** Digest over the calibration samples, and how many there were. */
  readonly calibration: { readonly digest: Digest; readonly samples: number } | undefined;
}

export interface Quality {
  /** "accuracy", "character error rate", … */
  readonly metric: string;
  readonly better: "higher" | "lower";
  readonly value: number;
  /** What the most exact variant has on the same samples. */
  readonly reference: number;
  /** By how much it may be worse than the reference. */
  readonly tolerance: number;
  readonly samples: number;
}

/** Times in milliseconds, on one thread; memory is the peak of the process that ran the model. */
export interface Measurement {
  readonly architecture: string;
  readonly cpuFlags: readonly string[];
  readonly processor: string;
  readonly runtime: string;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly loadMs: number;
  readonly peakMemoryBytes: number;
  readonly runs: number;
}

export interface VariantRequirements {
  readonly architectures: readonly string[] | undefined;
  readonly cpuFlags: readonly string[];
  readonly memoryBytes: number;
  /** The least version of the agent; undefined: any. */
  readonly agentVersion?: string | undefined;
  /** Version of the default operator set that the file uses; undefined in packages that say nothing of it. */
  readonly opset?: number | undefined;
}

/** How far a variant's outputs may lie from the golden outputs. */
export interface Tolerance {
  /** Largest absolute difference of any output element. */
  readonly maxDifference: number;
  /** The largest element of each golden output must be the largest here too. */
  readonly sameTop: boolean;
}

export interface ReferenceProfile {
  readonly rows: number;
  readonly streams: readonly StreamReference[];
}

/** The packaged baseline of one stream; a Histogram of the stream has the same bins as `counts`. */
export type StreamReference =
  | {
      readonly kind: "numeric";
      readonly name: string;
      readonly edges: readonly number[];
      readonly counts: readonly number[];
      readonly missing: number;
    }
  | {
      readonly kind: "categorical";
      readonly name: string;
      readonly categories: readonly string[];
      readonly counts: readonly number[];
      readonly missing: number;
    };

export function encodeManifest(manifest: Manifest): Uint8Array {
  return bytesOfText(JSON.stringify(manifest));
}
