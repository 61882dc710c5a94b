import { bytesOfText } from "./bytes.ts";
import type { Digest, ModelName, ModelVersion } from "./ids.ts";
import type { TensorType } from "./messages.ts";

/**
 * The signed description of one model version: what it takes and gives, its variants, its golden set and the reference profile
 * that drift is measured against. It is stored and sent as the payload of a DSSE envelope; the digest of that envelope names the
 * package. manifest-parser.ts reads it.
 */
export interface Manifest {
  readonly schema: 1;
  readonly model: ModelName;
  readonly version: ModelVersion;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  readonly features: readonly FeatureSpec[];
  readonly interpretation: Interpretation;
  /** In order of preference: a device takes the first that its profile can run. */
  readonly variants: readonly Variant[];
  /** A GoldenSet, in protobuf. */
  readonly golden: FileReference;
  readonly reference: ReferenceProfile;
  /** An inference that takes longer is stopped and counted as an error. */
  readonly maxInferenceMs: number;
}

export interface FileReference {
  readonly digest: Digest;
  readonly size: number;
}

/** A dimension is a number, or the name of a free one such as "batch". The first free dimension of an input counts inferences. */
export interface TensorSpec {
  readonly name: string;
  readonly dataType: TensorType;
  readonly shape: readonly (number | string)[];
}

/** How one number is read from one inference's input: what the input streams are made of. */
export type FeatureSpec =
  | { readonly kind: "column"; readonly name: string; readonly input: string; readonly index: number }
  | { readonly kind: TensorFeatureKind; readonly name: string; readonly input: string };

/** `gradient` is the mean absolute difference of neighbouring elements in the last two dimensions: blur lowers it, noise raises it. */
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
  | { readonly kind: "regression"; readonly output: string };

export interface Variant {
  readonly id: string;
  readonly precision: string;
  readonly file: FileReference;
  readonly runtimes: readonly string[];
  readonly requires: VariantRequirements;
  readonly tolerance: Tolerance;
  /** Share of the reference rows whose label it predicts, when labels came with the reference data. */
  readonly accuracy: number | undefined;
}

export interface VariantRequirements {
  readonly architectures: readonly string[] | undefined;
  readonly cpuFlags: readonly string[];
  readonly memoryBytes: number;
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
