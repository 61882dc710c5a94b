import { encodeModel } from "../onnx/encode.ts";
import type { ModelProto } from "../onnx/model.ts";
import { stripModel } from "../onnx/strip.ts";
import type { Progress } from "../progress.ts";
import type { SampleSet } from "../samples/sample-set.ts";
import { SamplesError } from "../samples/sample-set.ts";
import type { CalibrationRecord, CalibrationSettings } from "./calibrate.ts";
import { calibrate, defaultPercentile } from "./calibrate.ts";
import { DistanceToFloat } from "./distance-to-float.ts";
import { quantizeModel } from "./quantize-model.ts";
import type { ActivationRanges, QuantizationOptions, QuantizationReport } from "./quantization.ts";
import { QuantizationError } from "./quantization.ts";
import { searchExclusions } from "./search-exclusions.ts";
import { activationsToCalibrate } from "./static-int8.ts";

/** How one variant is made from the float model. */
export interface VariantRecipe {
  readonly options: QuantizationOptions;
  /** For static-int8: how ranges are found; "auto" tries all three ways and takes the one nearest to the float model. */
  readonly calibration: CalibrationSettings | "auto";
  /** At most so many nodes are left in float by a search for the most harmful ones. */
  readonly autoExclude: number;
  /** For static-int8: ranges that were found before; nothing is calibrated then. */
  readonly ranges?: ActivationRanges | undefined;
}

export interface BuiltVariant {
  readonly bytes: Uint8Array;
  readonly report: QuantizationReport;
  /** What it was made with, the choices of "auto" and of the search among it. */
  readonly options: QuantizationOptions;
  readonly calibration: CalibrationSettings | undefined;
  readonly ranges: ActivationRanges | undefined;
}

const automatic: readonly CalibrationSettings[] = [
  { method: "minmax", percentile: defaultPercentile },
  { method: "percentile", percentile: defaultPercentile },
  { method: "entropy", percentile: defaultPercentile },
];
/** A variant this near to the float model (relative error of its outputs) is not searched for better. */
const nearEnough = 0.01;
const mostEvaluations = 60;

/** Makes variants of one float model; what calibration costs is paid once for all of them. */
export class VariantBuilder {
  readonly #model: ModelProto;
  readonly #samples: SampleSet | undefined;
  readonly #progress: Progress;
  readonly #signal: AbortSignal;
  #record: CalibrationRecord | undefined;
  #distance: DistanceToFloat | undefined;

  /** `samples` calibrate; without them nothing that needs calibration can be made. */
  constructor(model: ModelProto, samples: SampleSet | undefined, progress: Progress, signal: AbortSignal) {
    this.#model = stripModel(model);
    this.#samples = samples;
    this.#progress = progress;
    this.#signal = signal;
  }

  /** Rejects with QuantizationError, SamplesError, ModelRunError, or the signal's reason. */
  async build(recipe: VariantRecipe): Promise<BuiltVariant> {
    const { options } = recipe;
    const calibrated = options.method === "static-int8" ? await this.#calibrated(recipe) : undefined;
    const make = (exclude: readonly string[]) =>
      quantizeModel(this.#model, { ...options, exclude }, calibrated?.ranges);
    const exclude = recipe.autoExclude > 0 ? await this.#searched(recipe, make) : options.exclude;
    const { model, report } = make(exclude);
    if (report.quantized.length === 0)
      throw new QuantizationError(
        `${options.method} finds nothing to quantize in this model${report.kept[0] === undefined ? "" : ` (${report.kept[0].node}: ${report.kept[0].reason})`}`,
      );
    return {
      bytes: encodeModel(model),
      report,
      options: { ...options, exclude },
      calibration: calibrated?.settings,
      ranges: calibrated?.ranges,
    };
  }

  async #calibrated({ options, calibration, ranges }: VariantRecipe) {
    if (ranges !== undefined) return { ranges, settings: undefined };
    const withHistograms = calibration === "auto" || calibration.method !== "minmax";
    const record = await this.#calibration(withHistograms);
    if (calibration !== "auto") return { ranges: record.rangesBy(calibration), settings: calibration };
    const distance = await this.#distanceToFloat();
    let best: { readonly ranges: ActivationRanges; readonly settings: CalibrationSettings } | undefined;
    let nearest = Number.POSITIVE_INFINITY;
    for (const settings of automatic) {
      const tried = record.rangesBy(settings);
      const found = await distance.of(encodeModel(quantizeModel(this.#model, options, tried).model));
      if (best === undefined || found < nearest) {
        best = { ranges: tried, settings };
        nearest = found;
      }
    }
    return best;
  }

  async #calibration(withHistograms: boolean): Promise<CalibrationRecord> {
    if (this.#record === undefined || (withHistograms && !this.#record.hasHistograms))
      this.#record = await calibrate(
        activationsToCalibrate(this.#model),
        this.#calibrationSamples(),
        withHistograms,
        this.#progress,
        this.#signal,
      );
    return this.#record;
  }

  async #searched(
    { options, autoExclude }: VariantRecipe,
    make: (exclude: readonly string[]) => ReturnType<typeof quantizeModel>,
  ): Promise<readonly string[]> {
    const distance = await this.#distanceToFloat();
    const candidates = make(options.exclude).report.quantized.map(({ node }) => node);
    this.#progress.begin("searching for harmful nodes", mostEvaluations);
    let evaluations = 0;
    const found = await searchExclusions(
      [...new Set(candidates)],
      async (more) => {
        const value = await distance.of(encodeModel(make([...options.exclude, ...more]).model));
        this.#progress.advance(++evaluations);
        return value;
      },
      { most: autoExclude, goodEnough: nearEnough, mostEvaluations },
    );
    this.#progress.end();
    return [...options.exclude, ...found];
  }

  async #distanceToFloat(): Promise<DistanceToFloat> {
    this.#distance ??= await DistanceToFloat.open(encodeModel(this.#model), this.#calibrationSamples(), this.#signal);
    return this.#distance;
  }

  #calibrationSamples(): SampleSet {
    if (this.#samples !== undefined) return this.#samples;
    throw new SamplesError("the calibration set", ["static-int8 needs samples that the activations are measured on"]);
  }
}
