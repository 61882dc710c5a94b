import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import type { TensorSpec } from "../../../proto/manifest.ts";
import type { Tensor } from "../../../proto/tensors.ts";
import { decodeOnnx } from "../onnx/decode.ts";
import { encodeOnnx } from "../onnx/encode.ts";
import type { TensorProto } from "../onnx/model.ts";
import { OnnxFormatError } from "../onnx/onnx-format-error.ts";
import { contractTensor, TensorFormatError, tensorProto } from "./contract-tensor.ts";
import type { Sample, SampleSet } from "./sample-set.ts";
import { SamplesError } from "./sample-set.ts";

/**
 * ONNX's own way to keep samples (docs/OnnxBackendTest): directories `test_data_set_N` with `input_M.pb` and `output_M.pb`, one
 * TensorProto each, in the order of N. Undefined where `directory` neither holds such directories nor is one.
 *
 * Tensors are matched by their names; where no name is one of the model's, M is the index of the input or output.
 */
export async function openTestDataSets(
  directory: string,
  inputs: readonly TensorSpec[],
  outputs: readonly TensorSpec[],
): Promise<SampleSet | undefined> {
  const sets = await testDataSetsIn(directory);
  if (sets.length === 0) return undefined;
  return {
    count: sets.length,
    read: (index) => readTestDataSet(sets[index] as string, inputs, outputs),
  };
}

async function testDataSetsIn(directory: string): Promise<readonly string[]> {
  const names = await readdir(directory);
  const sets = numbered(names, /^test_data_set_(\d+)$/);
  if (sets.length > 0) return sets.map(({ name }) => join(directory, name));
  return names.some((name) => /^input_\d+\.pb$/.test(name)) ? [resolve(directory)] : [];
}

/** In the order of the number, not of the text: 10 comes after 2. */
function numbered(
  names: readonly string[],
  pattern: RegExp,
): readonly { readonly name: string; readonly number: number }[] {
  return names
    .flatMap((name) => {
      const digits = pattern.exec(name)?.[1];
      return digits === undefined ? [] : [{ name, number: Number(digits) }];
    })
    .toSorted((a, b) => a.number - b.number);
}

async function readTestDataSet(
  directory: string,
  inputs: readonly TensorSpec[],
  outputs: readonly TensorSpec[],
): Promise<Sample> {
  const problems: string[] = [];
  const files = await readdir(directory);
  const read = async (kind: "input" | "output", specs: readonly TensorSpec[]): Promise<readonly Tensor[]> => {
    const found: { readonly tensor: TensorProto; readonly number: number; readonly file: string }[] = [];
    for (const { name, number } of numbered(files, new RegExp(`^${kind}_(\\d+)\\.pb$`)))
      try {
        found.push({ tensor: decodeOnnx(await readFile(join(directory, name)), "Tensor"), number, file: name });
      } catch (error) {
        if (!(error instanceof OnnxFormatError)) throw error;
        problems.push(`${name} is not an ONNX tensor: ${error.message}`);
      }
    const byName = found.some(({ tensor }) => specs.some((spec) => spec.name === tensor.name));
    return found.flatMap(({ tensor, number, file }) => {
      const own = tensor.name === undefined || tensor.name === "" ? undefined : tensor.name;
      const name = byName ? own : (specs[number]?.name ?? own);
      try {
        return [contractTensor(tensor, name ?? `${kind}_${number}`)];
      } catch (error) {
        if (!(error instanceof TensorFormatError)) throw error;
        problems.push(`${file}: ${error.message}`);
        return [];
      }
    });
  };
  const sampleInputs = await read("input", inputs);
  const sampleOutputs = await read("output", outputs);
  if (problems.length > 0) throw new SamplesError(directory, problems);
  return {
    name: basename(directory),
    inputs: sampleInputs,
    outputs: sampleOutputs.length === 0 ? undefined : sampleOutputs,
    label: undefined,
  };
}

/** Writes one sample as `test_data_set_<index>` in `directory`: every tensor with its name and its numbers in `raw_data`. */
export async function writeTestDataSet(
  directory: string,
  index: number,
  { inputs, outputs }: Pick<Sample, "inputs" | "outputs">,
): Promise<void> {
  const folder = join(directory, `test_data_set_${index}`);
  await mkdir(folder, { recursive: true });
  for (const [kind, tensors] of [
    ["input", inputs],
    ["output", outputs ?? []],
  ] as const)
    for (const [i, tensor] of tensors.entries())
      await writeFile(join(folder, `${kind}_${i}.pb`), encodeOnnx(tensorProto(tensor), "Tensor"));
}
