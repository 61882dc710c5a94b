import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Tensor } from "onnxruntime-node";
import { withOutputs } from "../../control-plane/packaging/onnx/graph/with-outputs.ts";
import { inspectModel } from "../../control-plane/packaging/onnx/inspect.ts";
import type { ModelProto } from "../../control-plane/packaging/onnx/model.ts";
import { ChannelMeans } from "../../control-plane/packaging/quantization/channel-means.ts";
import type {
  ActivationRange,
  QuantizationOptions,
  QuantizedModel,
} from "../../control-plane/packaging/quantization/quantization.ts";
import { defaultQuantization } from "../../control-plane/packaging/quantization/quantization.ts";
import { activationsToCalibrate, staticInt8 } from "../../control-plane/packaging/quantization/static-int8.ts";
import type { Feeds } from "./run-onnx.ts";
import { openSession } from "./run-onnx.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

export const staticOptions: QuantizationOptions = { ...defaultQuantization, method: "static-int8" };

/** The smallest and the largest value of what static quantization asks for, over the samples, and the means of channels. */
export async function observeRanges(
  model: ModelProto,
  samples: readonly Feeds[],
): Promise<ReadonlyMap<string, ActivationRange>> {
  const { model: prepared, values, means } = activationsToCalibrate(model);
  const ranges = new Map<string, ActivationRange>();
  const channelMeans = new Map(means.map((value) => [value, new ChannelMeans()]));
  const session = await openSession(withOutputs(prepared, values), { optimization: "basic" });
  for (const feeds of samples) {
    const outputs = await session.run({ ...feeds });
    for (const value of values) {
      const tensor = (outputs[value] ?? feeds[value]) as Tensor;
      let { min, max } = ranges.get(value) ?? { min: Infinity, max: -Infinity };
      for (const number of tensor.data as Float32Array) {
        min = Math.min(min, number);
        max = Math.max(max, number);
      }
      ranges.set(value, { min, max });
      channelMeans.get(value)?.add(tensor.data as Float32Array, tensor.dims);
    }
  }
  await session.release();
  for (const [value, builder] of channelMeans) {
    const [range, found] = [ranges.get(value), builder.means()];
    if (range !== undefined && found !== undefined) ranges.set(value, { ...range, channelMeans: found });
  }
  return ranges;
}

export async function quantizeStatically(
  model: ModelProto,
  samples: readonly Feeds[],
  options: Partial<QuantizationOptions> = {},
  { withMeans = true } = {},
): Promise<QuantizedModel> {
  const observed = await observeRanges(model, samples);
  const ranges = withMeans ? observed : new Map([...observed].map(([value, { min, max }]) => [value, { min, max }]));
  return staticInt8(model, { ...staticOptions, ...options }, ranges);
}

/** How often each operator occurs in the model as onnxruntime runs it ("extended": without layouts of this very processor). */
export async function operatorsAsRun(model: ModelProto): Promise<Readonly<Record<string, number>>> {
  await using directory = await temporaryDirectory();
  const file = join(directory.path, "optimized.onnx");
  await (await openSession(model, { optimization: "extended", optimizedFile: file })).release();
  const { operators } = inspectModel(await readFile(file));
  return Object.fromEntries(operators.map(({ operator, count }) => [operator, count]));
}
