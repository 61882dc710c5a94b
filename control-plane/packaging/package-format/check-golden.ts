import { decodeGoldenSet } from "../../../proto/codec/golden.ts";
import type { Manifest, PackageFile, TensorSpec } from "../../../proto/manifest.ts";
import type { GoldenSet, Tensor } from "../../../proto/tensors.ts";
import type { Problems } from "../../../proto/problems.ts";
import { decodeOnnx } from "../onnx/decode.ts";
import { OnnxFormatError } from "../onnx/onnx-format-error.ts";
import { contractTensor, TensorFormatError } from "../samples/contract-tensor.ts";

/**
 * The golden set is there twice, as devices fetch it and as ONNX keeps test data. Notes where it is not of the model's inputs and
 * outputs, and where the two forms do not hold the same numbers. `read` gives the bytes of a file of the manifest, or undefined after
 * it has noted why it cannot.
 */
export async function checkGolden(
  manifest: Manifest,
  read: (file: PackageFile) => Promise<Uint8Array | undefined>,
  problems: Problems,
): Promise<void> {
  const file = manifest.files.find(({ digest }) => digest === manifest.golden.digest);
  const bytes = file && (await read(file));
  if (bytes === undefined) return;
  const golden = decodeGoldenSet(bytes);
  if (!golden.ok) {
    for (const problem of golden.problems) problems.add("golden", problem);
    return;
  }
  checkCases(manifest, golden.value, problems);
  await checkTestDataSets(manifest, golden.value, read, problems);
}

function checkCases(manifest: Manifest, { cases }: GoldenSet, problems: Problems): void {
  if (cases.length === 0) problems.add("golden", "there is no case");
  for (const [i, { inputs, outputs }] of cases.entries()) {
    if (!sameNames(inputs, manifest.inputs)) problems.add(`golden.cases[${i}].inputs`, "are not those of the model");
    if (!sameNames(outputs, manifest.outputs)) problems.add(`golden.cases[${i}].outputs`, "are not those of the model");
  }
}

function sameNames(tensors: readonly Tensor[], specs: readonly TensorSpec[]): boolean {
  return tensors.length === specs.length && specs.every(({ name }) => tensors.some((tensor) => tensor.name === name));
}

async function checkTestDataSets(
  { files }: Manifest,
  { cases }: GoldenSet,
  read: (file: PackageFile) => Promise<Uint8Array | undefined>,
  problems: Problems,
): Promise<void> {
  const expected = new Map<string, Tensor>(
    cases.flatMap(({ inputs, outputs }, n) => [
      ...inputs.map((tensor, m) => [`test_data_set_${n}/input_${m}.pb`, tensor] as const),
      ...outputs.map((tensor, m) => [`test_data_set_${n}/output_${m}.pb`, tensor] as const),
    ]),
  );
  for (const path of expected.keys())
    if (!files.some((file) => file.path === path)) problems.add("golden", `${path} is not in the package`);
  for (const file of files.filter(({ path }) => path.startsWith("test_data_set_"))) {
    const wanted = expected.get(file.path);
    if (wanted === undefined) problems.add(file.path, "is no part of the golden set");
    else {
      const bytes = await read(file);
      if (bytes !== undefined) compare(bytes, wanted, file.path, problems);
    }
  }
}

function compare(bytes: Uint8Array, wanted: Tensor, path: string, problems: Problems): void {
  try {
    const proto = decodeOnnx(bytes, "Tensor");
    const found = contractTensor(proto, proto.name ?? "");
    if (!sameTensor(found, wanted)) problems.add(path, `differs from "${wanted.name}" in the golden set`);
  } catch (error) {
    if (!(error instanceof OnnxFormatError || error instanceof TensorFormatError)) throw error;
    problems.add(path, `is no tensor: ${error.message}`);
  }
}

function sameTensor(a: Tensor, b: Tensor): boolean {
  return (
    a.name === b.name &&
    a.dataType === b.dataType &&
    a.dims.join() === b.dims.join() &&
    Buffer.from(a.rawData).equals(b.rawData)
  );
}
