/**
 * One codec on one file, in a process of its own. Arguments: "sedge" or "protobufjs", the file, and "once" (for the peak of memory)
 * or "timed". Says CodecFigures as JSON.
 */
import { readFileSync } from "node:fs";
import { decodeModel } from "../../control-plane/packaging/onnx/decode.ts";
import { encodeModel, encodeModelChunks } from "../../control-plane/packaging/onnx/encode.ts";
import { quantile } from "./conditions.ts";
import { protobufjsModel } from "./protobufjs-model.ts";

export interface CodecFigures {
  readonly decodeMs: number;
  readonly encodeMs: number;
  /** Only ours writes a list of chunks. */
  readonly chunksMs: number | undefined;
  readonly peakMiB: number;
  readonly sameBytes: boolean;
}

interface Codec<Model> {
  decode(bytes: Uint8Array): Model;
  encode(model: Model): Uint8Array;
  chunks?(model: Model): readonly Uint8Array[];
}

const warmUps = 2;
const runs = 9;

function measure<Model>(codec: Codec<Model>, file: string, once: boolean): CodecFigures {
  const bytes = readFileSync(file);
  if (once) {
    const model = codec.decode(bytes);
    const written = codec.chunks?.(model) ?? [codec.encode(model)];
    const length = written.reduce((sum, chunk) => sum + chunk.length, 0);
    return { decodeMs: 0, encodeMs: 0, chunksMs: undefined, peakMiB: peakMiB(), sameBytes: length === bytes.length };
  }
  const times = { decode: [] as number[], encode: [] as number[], chunks: [] as number[] };
  let sameBytes = true;
  for (let i = 0; i < warmUps + runs; i++) {
    const [model, decodeMs] = timed(() => codec.decode(bytes));
    const [written, encodeMs] = timed(() => codec.encode(model));
    const [, chunksMs] = timed(() => codec.chunks?.(model));
    sameBytes &&= Buffer.compare(written, bytes) === 0;
    if (i < warmUps) continue;
    times.decode.push(decodeMs);
    times.encode.push(encodeMs);
    times.chunks.push(chunksMs);
  }
  return {
    decodeMs: quantile(times.decode, 0.5),
    encodeMs: quantile(times.encode, 0.5),
    chunksMs: codec.chunks === undefined ? undefined : quantile(times.chunks, 0.5),
    peakMiB: peakMiB(),
    sameBytes,
  };
}

function timed<T>(work: () => T): readonly [T, number] {
  const startedAt = performance.now();
  const result = work();
  return [result, performance.now() - startedAt];
}

/** Of this process, from its start; proc_pid_status(5). */
function peakMiB(): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? Number.NaN) / 1024;
}

const [codec, file, mode] = process.argv.slice(2) as ["sedge" | "protobufjs", string, "once" | "timed"];
const figures =
  codec === "sedge"
    ? measure({ decode: decodeModel, encode: encodeModel, chunks: encodeModelChunks }, file, mode === "once")
    : measure(protobufjsModel(), file, mode === "once");
process.stdout.write(JSON.stringify(figures));
