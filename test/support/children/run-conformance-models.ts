/**
 * Runs ONNX's own test models, one after the other, in this process: an abort takes only this child with it.
 * Argument: the directory of the models. Says one ConformanceResult a line.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { decodeModel, decodeOnnx } from "../../../control-plane/packaging/onnx/decode.ts";
import { encodeModel, encodeOnnx } from "../../../control-plane/packaging/onnx/encode.ts";
import { inspectModel } from "../../../control-plane/packaging/onnx/inspect.ts";
import type { ModelProto, TensorProto } from "../../../control-plane/packaging/onnx/model.ts";
import { onnxMessage } from "../../../control-plane/packaging/onnx/schema.ts";
import { refusals } from "../../../control-plane/packaging/onnx/refusals.ts";
import { walkShapes } from "../../../control-plane/packaging/onnx/shape-walk.ts";
import { dataTypeName } from "../../../control-plane/packaging/onnx/tensor.ts";
import { checkSample } from "../../../control-plane/packaging/samples/check-sample.ts";
import { openSamples } from "../../../control-plane/packaging/samples/open-samples.ts";
import { tensorSpec } from "../../../control-plane/packaging/variant-file.ts";
import type { ConformanceResult } from "../conformance-result.ts";
import { conformanceDone } from "../conformance-result.ts";

const root = process.argv[2] as string;

async function resultOf(model: string, directory: string): Promise<ConformanceResult> {
  const bytes = readFileSync(join(directory, "model.onnx"));
  const decoded = decodeModel(bytes);
  const inspection = inspectModel(bytes);
  const reasons = refusals(inspection);
  const shapes = wrongShapes(decoded, directory);
  return {
    model,
    sameBytes: Buffer.compare(encodeModel(decoded), bytes) === 0 && tensorsKeepTheirBytes(decoded, directory),
    refusals: reasons,
    shapesKnown: shapes.known,
    shapesWrong: shapes.wrong,
    sampled: reasons.length === 0 && (await isSampled(directory, inspection.inputs.map(tensorSpec))),
    ran: await run(bytes, directory),
  };
}

function dataSets(directory: string): readonly string[] {
  return readdirSync(directory)
    .filter((name) => name.startsWith("test_data_set_"))
    .map((name) => join(directory, name));
}

function tensorFiles(dataSet: string, kind: "input" | "output"): readonly string[] {
  return readdirSync(dataSet)
    .filter((name) => name.startsWith(kind))
    .toSorted((a, b) => Number(a.replace(/\D/g, "")) - Number(b.replace(/\D/g, "")))
    .map((name) => join(dataSet, name));
}

function tensorsKeepTheirBytes({ graph }: ModelProto, directory: string): boolean {
  // The files of sequences and optional values are other messages than tensors.
  const values = [...(graph?.input ?? []), ...(graph?.output ?? [])];
  if (values.some(({ type }) => type?.tensorType === undefined)) return true;
  return dataSets(directory)
    .flatMap((dataSet) => [...tensorFiles(dataSet, "input"), ...tensorFiles(dataSet, "output")])
    .every((file) => {
      const bytes = readFileSync(file);
      return Buffer.compare(encodeOnnx(decodeOnnx(bytes, "Tensor"), "Tensor"), bytes) === 0;
    });
}

async function isSampled(directory: string, inputs: Parameters<typeof openSamples>[1]): Promise<boolean> {
  try {
    const samples = await openSamples(directory, inputs);
    for (let i = 0; i < samples.count; i++)
      // NaN and infinity are what some of these models are about.
      if (checkSample(await samples.read(i), inputs).some((problem) => !/holds (NaN|-?Infinity)/.test(problem)))
        return false;
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === "SamplesError") return false;
    throw error;
  }
}

/** The declared shapes are taken away: what remains is what the walk found by itself. */
function wrongShapes(
  model: ModelProto,
  directory: string,
): { readonly known: number; readonly wrong: readonly string[] } {
  const { graph } = model;
  const [dataSet] = dataSets(directory);
  if (graph === undefined || dataSet === undefined) return { known: 0, wrong: [] };
  const output = graph.output.map(({ name = "" }) => onnxMessage("ValueInfo", { name }));
  const { values } = walkShapes({ ...model, graph: { ...graph, valueInfo: [], output } }, new Map());
  const files = tensorFiles(dataSet, "output");
  let known = 0;
  const wrong = output.flatMap(({ name = "" }, i) => {
    const dims = values.findLast((value) => value.name === name)?.value.dims;
    const file = files[i];
    const type = graph.output[i]?.type?.tensorType;
    if (dims === undefined || file === undefined || type === undefined) return [];
    const real = decodeOnnx(readFileSync(file), "Tensor").dims.map(Number);
    known += 1;
    const same = dims.length === real.length && dims.every((size, k) => size === undefined || size === real[k]);
    return same ? [] : [`${name} [${dims.join(", ")}] is [${real.join(", ")}]`];
  });
  return { known, wrong };
}

async function run(bytes: Uint8Array, directory: string): Promise<ConformanceResult["ran"]> {
  try {
    const session = await InferenceSession.create(bytes, { intraOpNumThreads: 1, logSeverityLevel: 4 });
    try {
      for (const dataSet of dataSets(directory)) {
        const inputs = tensorFiles(dataSet, "input").map((file) => runtimeTensor(readFileSync(file)));
        const feeds = Object.fromEntries(inputs.map((tensor, i) => [session.inputNames[i] as string, tensor]));
        const results = await session.run(feeds);
        for (const [i, file] of tensorFiles(dataSet, "output").entries()) {
          const difference = differenceOf(runtimeTensor(readFileSync(file)), results[session.outputNames[i] as string]);
          if (difference !== undefined) return { kind: "different", reason: difference };
        }
      }
      return { kind: "passed" };
    } finally {
      await session.release();
    }
  } catch (error) {
    return { kind: "failed", reason: error instanceof Error ? error.message : String(error) };
  }
}

/** The tolerance of ONNX's own backend tests: 1e-3 of the value and 1e-7 (onnx/backend/test/loader), a little wider at zero. */
function differenceOf(expected: Tensor, found: Tensor | undefined): string | undefined {
  const [one, two] = [[...(expected.data as Iterable<unknown>)], [...((found?.data ?? []) as Iterable<unknown>)]];
  if (one.length !== two.length) return `${two.length} elements instead of ${one.length}`;
  const at = one.findIndex((value, i) => !isNear(value, two[i]));
  return at < 0 ? undefined : `element ${at} is ${String(two[at])} instead of ${String(one[at])}`;
}

function isNear(a: unknown, b: unknown): boolean {
  if (a === b || Object.is(a, b)) return true;
  return typeof a === "number" && typeof b === "number" && Math.abs(a - b) <= 1e-4 + 1e-3 * Math.abs(a);
}

const arrays = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  bool: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
} as const;

function runtimeTensor(bytes: Uint8Array): Tensor {
  const tensor: TensorProto = decodeOnnx(bytes, "Tensor");
  const type = dataTypeName(tensor.dataType);
  const dims = tensor.dims.map(Number);
  if (type === "string")
    return new Tensor(
      "string",
      tensor.stringData.map((text) => Buffer.from(text).toString()),
      dims,
    );
  if (type === undefined || !(type in arrays) || tensor.rawData === undefined)
    throw new Error(`tensors of ${type ?? "no type"} are not taken by onnxruntime's JavaScript binding`);
  const memory = Uint8Array.from(tensor.rawData).buffer;
  return new Tensor(type as Tensor.Type, new arrays[type as keyof typeof arrays](memory) as Tensor.DataType, dims);
}

for (const kind of ["node", "pytorch-converted", "pytorch-operator", "simple"])
  for (const name of readdirSync(join(root, kind)).toSorted()) {
    const directory = join(root, kind, name);
    if (!existsSync(join(directory, "model.onnx"))) continue;
    process.stdout.write(`${JSON.stringify(await resultOf(`${kind}/${name}`, directory))}\n`);
  }
process.stdout.write(`${conformanceDone}\n`);
