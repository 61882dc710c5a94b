import { encodeModel } from "../onnx/encode.ts";
import type { ModelProto } from "../onnx/model.ts";
import { stripModel } from "../onnx/strip.ts";
import type { Progress } from "../progress.ts";
import type { SampleSet } from "../samples/sample-set.ts";
import { SamplesError } from "../samples/sample-set.ts";
import type { ActivationHistogram } from "./activation-histogram.ts";
import type { CalibrationSettings } from "./calibration-settings.ts";
import { calibrate, rangesBy } from "./calibrate.ts";
import { chooseCalibration } from "./choose-calibration.ts";
import { DistanceToFloat } from "./distance-to-float.ts";
import { quantizeModel } from "./quantize-model.ts";
import type { ActivationRanges, QuantizationOptions, QuantizationReport } from "./quantization.ts";
import { QuantizationError } from "./quantization.ts";
import type { FoundExclusions } from "./search-exclusions.ts";
import { searchExclusions } from "./search-exclusions.ts";
import { activationsToCalibrate } from "./static-int8.ts";
import type { VariantRecipe } from "./variant-recipe.ts";
import { whyNothing } from "./why-nothing.ts";
import { fewSamplesNotes, searchNotes } from "./variant-notes.ts";

export interface BuiltVariant {
  readonly bytes: Uint8Array;
  readonly report: QuantizationReport;
  /** What it was made with, the choices of "auto" and of the search among it. */
  readonly options: QuantizationOptions;
  readonly calibration: CalibrationSettings | undefined;
  readonly ranges: ActivationRanges | undefined;
}

interface Calibrated {
  readonly ranges: ActivationRanges;
  readonly settings: CalibrationSettings | undefined;
  readonly notes: readonly string[];
}

/** A variant this near to the float model (relative error of its outputs) is not searched for better. */
const nearEnough = 0.01;
const mostEvaluations = 120;

/** Makes variants of one float model; what calibration costs is paid once for all of them. */
export class VariantBuilder {
  readonly #model: ModelProto;
  readonly #samples: SampleSet | undefined;
  readonly #progress: Progress;
  readonly #signal: AbortSignal;
  #histograms: ReadonlyMap<string, ActivationHistogram> | undefined;
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
    const searched = recipe.autoExclude > 0 ? await this.#searched(recipe, make) : undefined;
    const exclude = [...options.exclude, ...(searched?.found ?? []).flatMap(({ nodes }) => nodes)];
    const { model, report } = make(exclude);
    if (report.quantized.length === 0) throw new QuantizationError(whyNothing(this.#model, options.method, report));
    return {
      bytes: encodeModel(model),
      report: {
        ...report,
        notes: [
          ...(calibrated?.notes ?? []),
          ...report.notes,
          ...(searched === undefined ? [] : searchNotes(searched)),
        ],
      },
      options: { ...options, exclude },
      calibration: calibrated?.settings,
      ranges: calibrated?.ranges,
    };
  }

  async #calibrated({ options, calibration, ranges }: VariantRecipe): Promise<Calibrated> {
    if (ranges !== undefined) return { ranges, settings: undefined, notes: [] };
    const samples = this.#calibrationSamples();
    const notes = fewSamplesNotes(samples.count);
    this.#histograms ??= await calibrate(activationsToCalibrate(this.#model), samples, this.#progress, this.#signal);
    if (calibration !== "auto")
      return { ranges: rangesBy(this.#histograms, calibration), settings: calibration, notes };
    const distance = await this.#distanceToFloat();
    const distanceWith = (tried: ActivationRanges) =>
      distance.of(encodeModel(quantizeModel(this.#model, options, tried).model));
    return { ...(await chooseCalibration(this.#histograms, distanceWith, this.#progress)), notes };
  }

  async #searched(
    { options, autoExclude }: VariantRecipe,
    make: (exclude: readonly string[]) => ReturnType<typeof quantizeModel>,
  ): Promise<FoundExclusions> {
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
    return found;
  }

  async #distanceToFloat(): Promise<DistanceToFloat> {
    this.#distance ??= await DistanceToFloat.open(encodeModel(this.#model), this.#calibrationSamples(), this.#signal);
    return this.#distance;
  }

  #calibrationSamples(): SampleSet {
    if (this.#samples !== undefined) return this.#samples;
    throw new SamplesError("the calibration set", [
      "there is none: static-int8 and the search for harmful nodes need samples to run the model on",
    ]);
  }
}
