import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { brotliCompressSync, constants } from "node:zlib";
import { makeDeltaFile } from "../../control-plane/packaging/delta/make-delta-file.ts";
import { openFileStore } from "../../edge-agent/adapters/node/file-store.ts";
import { sha256Of } from "../support/packages.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import type { Conditions } from "./conditions.ts";
import { round } from "./conditions.ts";
import type { DeltaApplyFigures } from "./delta-child.ts";
import type { ModelPair } from "./delta-pairs.ts";
import { modelPairs } from "./delta-pairs.ts";
import type { RivalFigures } from "./delta-rivals.ts";
import { rivals, runRival } from "./delta-rivals.ts";
import type { BenchResult } from "./main.ts";

const run = promisify(execFile);

/** Deltas between two versions of a model, against other programs; and what they cost the device. */
export async function benchDelta(conditions: Conditions, signal: AbortSignal): Promise<BenchResult> {
  const rows: Record<string, string | number | boolean>[] = [];
  const missing = new Set<string>();
  for (const pair of modelPairs()) {
    signal.throwIfAborted();
    rows.push(await measure(pair, missing, signal));
  }
  return {
    name: "delta",
    conditions,
    rows,
    notes: [
      "KB; share: the delta of sedge by the smallest of the others (below 1: smaller); full: the whole file with Brotli, quality 9",
      "zstd --patch-from -19 --ultra --long=27 · xdelta3 -9 -S lzma · bsdiff; s: seconds to make it, with ours in a process of its own that also applies it once as a check",
      "apply: on the device's side, in a process of its own, from its file store to a file whose digest was checked and that is on the disk; MiB: the most it took beyond what it had before",
      "CNN and MLP: trained on 3,000 digits, trained on with 1,000 others (Adam); the recognizer: normal noise on every float tensor, as a share of its standard deviation",
      ...[...missing].map((name) => `${name} is not installed: its columns are left out`),
    ],
  };
}

async function measure(pair: ModelPair, missing: Set<string>, signal: AbortSignal) {
  await using directory = await temporaryDirectory();
  const [base, target, out] = ["base.onnx", "target.onnx", "delta"].map((name) => join(directory.path, name)) as [
    string,
    string,
    string,
  ];
  await writeFile(base, pair.base);
  await writeFile(target, pair.target);
  const startedAt = performance.now();
  await makeDeltaFile(base, target, out, signal);
  const seconds = (performance.now() - startedAt) / 1_000;
  const delta = await readFile(out);
  const applied = await applyOnDevice(directory.path, pair, delta, signal);

  const figures = new Map<string, RivalFigures>();
  for (const rival of rivals) {
    const made = await runRival(rival, [base, target, join(directory.path, rival.name)], signal);
    if (made === undefined) missing.add(rival.name);
    else figures.set(rival.name, made);
  }
  const smallest = Math.min(...[...figures.values()].map(({ bytes }) => bytes));
  const kilobytes = (bytes: number) => round(bytes / 1_000, 2);
  const columns = [...figures].flatMap(([name, one]) => [
    [name, kilobytes(one.bytes)] as const,
    [`${name} s`, round(one.seconds, 2)] as const,
  ]);
  return {
    model: pair.model,
    format: pair.format,
    change: pair.change,
    file: kilobytes(pair.target.length),
    full: kilobytes(brotliCompressSync(pair.target, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }).length),
    sedge: kilobytes(delta.length),
    "sedge s": round(seconds, 2),
    ...Object.fromEntries(columns),
    ...(figures.size > 0 && { share: round(delta.length / smallest, 3) }),
    "apply ms": round(applied.ms),
    "apply MiB": round(applied.peakMiB),
    "by model": round((applied.peakMiB * 2 ** 20) / pair.target.length, 2),
  };
}

/** A device that has the base and the delta, and has never seen the file. */
async function applyOnDevice(
  directory: string,
  { base, target }: ModelPair,
  delta: Uint8Array,
  signal: AbortSignal,
): Promise<DeltaApplyFigures> {
  const device = join(directory, "device");
  const files = await openFileStore({ directory: device });
  for (const bytes of [base, delta]) {
    await using partial = await files.receive(sha256Of(bytes), bytes.length);
    await partial.append(bytes);
    await partial.commit();
  }
  const names = [sha256Of(base), sha256Of(delta), String(delta.length), sha256Of(target), String(target.length)];
  const loader = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
  const program = fileURLToPath(new URL("./delta-child.ts", import.meta.url));
  const { stdout } = await run(process.execPath, ["--import", loader, program, device, ...names], { signal });
  if (!(await files.has(sha256Of(target)))) throw new Error("the device did not get the file");
  return JSON.parse(stdout) as DeltaApplyFigures;
}
