import { dirname } from "node:path";
import type { Problems } from "../../proto/problems.ts";
import { ModelRunError } from "./child-conversation.ts";
import type { CandidateModel, JudgedModel } from "./evaluation/judge-variants.ts";
import { judgeQuality, timeJudged } from "./evaluation/judge-variants.ts";
import type { JudgedVariant, LeftOut, VariantsOfModel } from "./judged-variant.ts";
import type { BaseScales, MadeVariant } from "./make-variant.ts";
import { makeVariant } from "./make-variant.ts";
import type { MadeVariantSpec, ModelSpec } from "./model-spec.ts";
import { decodeModel } from "./onnx/decode.ts";
import type { Progress } from "./progress.ts";
import { qualityGate } from "./quality-metric.ts";
import { QuantizationError } from "./quantization/quantization.ts";
import { VariantBuilder } from "./quantization/variant-builder.ts";
import { SamplesError } from "./samples/sample-set.ts";
import { defaultVariants } from "./variant-defaults.ts";
import type { VariantFile } from "./variant-file.ts";
import { asWritten, fastestFirst } from "./variant-order.ts";
import { readVariantSamples } from "./variant-samples.ts";

/** The scales of the parent version's variant that was made like this one. */
export type FindBaseScales = (recipe: Pick<MadeVariantSpec, "id" | "method">) => BaseScales | undefined;

/**
 * Makes the variants that the specification asks for from the float model, judges all of them and the given ones on samples that had no
 * part in making them, and leaves out what does not pass. A variant that may not be left out notes a problem instead. Those that remain
 * come fastest first, unless the specification keeps its own order.
 *
 * A variant with the scales of its parent that does not pass is made again with scales of its own: a small delta is no reason to be wrong.
 *
 * Rejects with SamplesError, MetricError, or the signal's reason.
 */
export async function makeVariants(
  spec: ModelSpec,
  float: VariantFile,
  given: readonly VariantFile[],
  baseScalesOf: FindBaseScales,
  problems: Problems,
  progress: Progress,
  signal: AbortSignal,
): Promise<VariantsOfModel> {
  const samples = await readVariantSamples(spec, float, progress, signal);
  const gate = await qualityGate(spec, (await samples.heldOut.read(0)).label !== undefined, dirname(spec.model ?? "."));
  const builder = new VariantBuilder(decodeModel(float.bytes), samples.calibration, progress, signal);
  const leftOut: LeftOut[] = [];
  const refuse = (recipe: MadeVariantSpec, reason: string, bytes?: number, judged?: JudgedModel) => {
    if (recipe.optional) leftOut.push({ id: recipe.id, method: recipe.method, bytes, reason, judged });
    else problems.add(`variants (${recipe.id})`, reason);
  };
  const make = (recipe: MadeVariantSpec, baseScales: BaseScales | undefined) =>
    makeVariant(recipe, float, builder, samples, baseScales);
  const judge = (models: readonly CandidateModel[]) =>
    judgeQuality(models, float, samples.heldOut, gate, progress, signal);

  const made: MadeVariant[] = [];
  for (const recipe of (spec.variants ?? defaultVariants()).filter((variant) => "method" in variant))
    try {
      made.push(await make(recipe, baseScalesOf(recipe)));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      refuse(recipe, error.message);
    }
  const files = [...made.map(({ file }) => file), ...given];
  const judged = [...(await judge(files))];
  for (const [i, { spec: recipe, hasBaseScales }] of made.entries()) {
    if (!hasBaseScales || refusalOf(judged[i] as JudgedModel) === undefined) continue;
    const again = await make(recipe, undefined);
    [made[i], files[i]] = [again, again.file];
    judged.splice(i, 1, ...(await judge([again.file])));
  }
  const passed: JudgedVariant[] = [];
  for (const [i, one] of (await timeJudged(files, judged, samples.heldOut, progress, signal)).entries()) {
    const file = files[i] as VariantFile;
    const from = made[i];
    const reason = refusalOf(one);
    if (reason === undefined) passed.push({ file, judged: one, quantization: from?.report });
    else if (from === undefined) problems.add(`variants (${file.id})`, reason);
    else refuse(from.spec, reason, file.bytes.length, one);
  }
  return { variants: spec.order === "measured" ? fastestFirst(passed) : asWritten(passed, spec), leftOut };
}

function refusalOf({ failure, judgement }: JudgedModel): string | undefined {
  return failure ?? (judgement?.isWithin === false ? judgement.reason : undefined);
}

/** The variant cannot be made, which says nothing about the others. */
function isRefusal(error: unknown): error is Error {
  return error instanceof QuantizationError || error instanceof SamplesError || error instanceof ModelRunError;
}
