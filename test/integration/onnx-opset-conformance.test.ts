import type { Tensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { defaultOpset, domainName } from "../../control-plane/packaging/onnx/graph/opsets.ts";
import type { ModelProto } from "../../control-plane/packaging/onnx/model.ts";
import { upgradeOpset } from "../../control-plane/packaging/onnx/opset-upgrade.ts";
import { QuantizationError } from "../../control-plane/packaging/quantization/quantization.ts";
import { conformanceModels, hasConformanceModels, runtimeTensor } from "../support/conformance-models.ts";
import type { Feeds } from "../support/run-onnx.ts";
import { runOnnx } from "../support/run-onnx.ts";

/** Models that onnxruntime runs as they are and that give the same at every run. */
const random = /Random|Bernoulli|Multinomial|Dropout.*training|training_dropout/;

// A mode that ended, an operator that changed altogether, and factors that are known only when the model runs.
const tensorflowResize = "test_resize_downsample_sizes_nearest_tf_half_pixel_for_nn";
const scan = "test_scan_sum";
const upsample = "test_upsample_nearest";

interface Outcome {
  readonly converted: string[];
  readonly refused: string[];
  readonly different: string[];
}

async function convertAll(target: number): Promise<Outcome> {
  const outcome: Outcome = { converted: [], refused: [], different: [] };
  for (const { name, model, inputs } of conformanceModels()) {
    if (!model.opsetImport.some(({ domain }) => domainName(domain) === "")) continue;
    const from = defaultOpset(model);
    if (from < 7 || from >= target || random.test(name)) continue;
    const feeds = feedsOf(model, inputs().map(runtimeTensor));
    const before = feeds === undefined ? undefined : await outputsOf(model, feeds);
    if (feeds === undefined || typeof before !== "object") continue;
    let upgraded: ModelProto;
    try {
      upgraded = upgradeOpset(model, target);
    } catch (error) {
      if (!(error instanceof QuantizationError)) throw error;
      outcome.refused.push(name);
      continue;
    }
    const difference = differenceOf(before, await outputsOf(upgraded, feeds));
    if (difference === undefined) outcome.converted.push(name);
    else outcome.different.push(`${name} (${from}): ${difference}`);
  }
  return outcome;
}

function feedsOf(model: ModelProto, tensors: readonly (Tensor | undefined)[]): Feeds | undefined {
  const names = model.graph?.input.map((input) => input.name ?? "") ?? [];
  if (tensors.length > names.length || tensors.includes(undefined)) return undefined;
  return Object.fromEntries(tensors.map((tensor, index) => [names[index], tensor as Tensor]));
}

async function outputsOf(model: ModelProto, feeds: Feeds): Promise<Readonly<Record<string, Tensor>> | string> {
  try {
    return await runOnnx(model, feeds, { optimization: "disabled" });
  } catch (error) {
    return String(error);
  }
}

/** Results that differ at all count as different, except for the last bits of float32 where another kernel computes. */
function differenceOf(
  before: Readonly<Record<string, Tensor>>,
  after: Readonly<Record<string, Tensor>> | string,
): string | undefined {
  if (typeof after === "string") return after;
  for (const [name, tensor] of Object.entries(before)) {
    const other = after[name];
    if (other === undefined || String(other.dims) !== String(tensor.dims))
      return `${name} has shape [${String(other?.dims)}]`;
    const [one, two] = [[...(tensor.data as Iterable<unknown>)], [...(other.data as Iterable<unknown>)]];
    const at = one.findIndex((value, index) => !isSame(value, two[index]));
    if (at >= 0) return `${name}[${at}] was ${String(one[at])} and is ${String(two[at])}`;
  }
  return undefined;
}

function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b) || a === b) return true;
  if (typeof a !== "number" || typeof b !== "number") return false;
  return Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(a));
}

describe.skipIf(!hasConformanceModels)("ONNX's own test models (Debian package libonnx-testdata)", () => {
  it.each([
    { target: 11, atLeast: 85, refusals: [scan, upsample] },
    { target: 13, atLeast: 200, refusals: [tensorflowResize, scan, upsample] },
    { target: 17, atLeast: 770, refusals: [tensorflowResize, scan, upsample] },
    {
      target: 21,
      atLeast: 820,
      refusals: ["test_dft", "test_dft_axis", "test_dft_inverse", tensorflowResize, scan, upsample],
    },
  ])("compute the same under operators of version $target, or are refused", async ({ target, atLeast, refusals }) => {
    const { converted, refused, different } = await convertAll(target);
    expect(different).toEqual([]);
    expect(refused).toEqual(refusals);
    expect(converted.length).toBeGreaterThanOrEqual(atLeast);
  });
});
