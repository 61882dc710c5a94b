import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { encode as encodePng } from "fast-png";
import { encode as encodeJpeg } from "jpeg-js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodeOnnx } from "../../../../../control-plane/packaging/onnx/encode.ts";
import type { TensorProto } from "../../../../../control-plane/packaging/onnx/model.ts";
import { onnxMessage } from "../../../../../control-plane/packaging/onnx/schema.ts";
import { rawTensor } from "../../../../../control-plane/packaging/onnx/tensor.ts";
import type { SampleOptions } from "../../../../../control-plane/packaging/samples/open-samples.ts";
import { openSamples } from "../../../../../control-plane/packaging/samples/open-samples.ts";
import type { Sample, SampleSet } from "../../../../../control-plane/packaging/samples/sample-set.ts";
import { writeTestDataSet } from "../../../../../control-plane/packaging/samples/test-data-sets.ts";
import { tensorOf } from "../../../../../control-plane/packaging/tensor-of.ts";
import type { TensorSpec } from "../../../../../proto/manifest.ts";
import { tensorValue } from "../../../../../proto/tensor-value.ts";
import { encodeNpy } from "../../../../fixtures/encode-npy.ts";
import { temporaryDirectory } from "../../../../support/temporary-directory.ts";

const x: TensorSpec = { name: "x", dataType: "float32", shape: ["batch", 3] };
const state: TensorSpec = { name: "state", dataType: "int64", shape: [1] };
const image: TensorSpec = { name: "image", dataType: "float32", shape: [1, 3, 2, 2] };

let root: Awaited<ReturnType<typeof temporaryDirectory>>;
let made = 0;

beforeAll(async () => {
  root = await temporaryDirectory();
});
afterAll(() => root[Symbol.asyncDispose]());

async function directory(files: Readonly<Record<string, Uint8Array | string>> = {}): Promise<string> {
  const path = join(root.path, `samples-${made++}`);
  await mkdir(path);
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(path, name, ".."), { recursive: true });
    await writeFile(join(path, name), content);
  }
  return path;
}

async function file(name: string, content: Uint8Array | string): Promise<string> {
  return join(await directory({ [name]: content }), name);
}

function numbers(sample: Sample, input = 0): number[] {
  const tensor = sample.inputs[input];
  return tensor === undefined ? [] : Array.from(tensorValue(tensor).data);
}

async function all(samples: SampleSet): Promise<readonly Sample[]> {
  const read: Sample[] = [];
  for (let i = 0; i < samples.count; i++) read.push(await samples.read(i));
  return read;
}

function tensorFile(tensor: TensorProto): Uint8Array {
  return encodeOnnx(tensor, "Tensor");
}

describe("test data sets", () => {
  it("are read back as they were written, in the order of their numbers", async () => {
    const path = await directory();
    for (const index of [10, 2, 0])
      await writeTestDataSet(path, index, {
        inputs: [tensorOf("state", "int64", [1], [index]), tensorOf("x", "float32", [1, 3], [index, 0.5, -1])],
        outputs: [tensorOf("y", "uint8", [1], [index])],
      });
    const samples = await all(await openSamples(path, [x, state]));
    expect(samples.map(({ name }) => name)).toEqual(["test_data_set_0", "test_data_set_2", "test_data_set_10"]);
    expect(samples[2]).toMatchObject({
      inputs: [
        { name: "state", dataType: "int64", dims: [1] },
        { name: "x", dataType: "float32", dims: [1, 3] },
      ],
      outputs: [{ name: "y", dataType: "uint8", dims: [1] }],
      label: undefined,
    });
    expect(numbers(samples[2] as Sample, 1)).toEqual([10, 0.5, -1]);
  });

  it("may be named by index, and a single one may be given", async () => {
    const nameless = onnxMessage("Tensor", { dims: [1, 3], dataType: 1, floatData: [1, 2, 3] });
    const path = await directory({ "input_0.pb": tensorFile(nameless), "output_0.pb": tensorFile(nameless) });
    const outputs: readonly TensorSpec[] = [{ name: "y", dataType: "float32", shape: [1, 3] }];
    const samples = await openSamples(path, [x], { outputs });
    expect(samples.count).toBe(1);
    expect(await samples.read(0)).toMatchObject({ inputs: [{ name: "x", dims: [1, 3] }], outputs: [{ name: "y" }] });
  });

  const typed: readonly [TensorSpec["dataType"], Partial<TensorProto>, readonly number[]][] = [
    ["float32", { dataType: 1, floatData: [1.5, -2] }, [1.5, -2]],
    ["float64", { dataType: 11, doubleData: [1.1, -2] }, [1.1, -2]],
    ["uint8", { dataType: 2, int32Data: [0, 255] }, [0, 255]],
    ["int8", { dataType: 3, int32Data: [-128, 127] }, [-128, 127]],
    ["int32", { dataType: 6, int32Data: [-5, 7] }, [-5, 7]],
    ["int64", { dataType: 7, int64Data: [-5, 7n] }, [-5, 7]],
    ["int16", { dataType: 5, int32Data: [-32_768, 7] }, [-32_768, 7]],
    ["uint16", { dataType: 4, int32Data: [65_535, 7] }, [65_535, 7]],
    ["uint32", { dataType: 12, uint64Data: [2 ** 32 - 1, 7] }, [2 ** 32 - 1, 7]],
    ["uint64", { dataType: 13, uint64Data: [5, 7n] }, [5, 7]],
    ["float16", { dataType: 10, int32Data: [0x3c_00, 0xc0_00] }, [1, -2]],
    ["bool", { dataType: 9, int32Data: [1, 0] }, [1, 0]],
  ];
  it.each(typed)("hold %s in the field of its type", async (dataType, fields, expected) => {
    const path = await directory({ "input_0.pb": tensorFile(onnxMessage("Tensor", { dims: [2], ...fields })) });
    const sample = await (await openSamples(path, [{ name: "v", dataType, shape: [2] }])).read(0);
    expect(sample.inputs[0]?.dataType).toBe(dataType);
    expect(numbers(sample)).toEqual(expected);
  });

  it("name every file that cannot be used", async () => {
    const path = await directory({
      "input_0.pb": "no tensor",
      "input_1.pb": tensorFile(rawTensor("h", [2], "bfloat16", new Uint16Array(2))),
      "input_2.pb": tensorFile(rawTensor("s", [5], "float32", new Float32Array(2))),
    });
    const reading = (await openSamples(path, [x])).read(0);
    await expect(reading).rejects.toMatchObject({
      name: "SamplesError",
      problems: [
        expect.stringMatching(/^input_0\.pb is not an ONNX tensor/),
        expect.stringMatching(/^input_1\.pb: the element type bfloat16/),
        "input_2.pb: float32[5] needs 20 bytes of data and has 8",
      ],
    });
  });
});

describe(".npy files", () => {
  it("hold one sample a row", async () => {
    const rows = await file("rows.npy", encodeNpy([2, 3], Uint8Array.of(1, 2, 3, 4, 5, 6)));
    const samples = await openSamples(rows, [x], { divideBy: { x: 2 } });
    expect(samples.count).toBe(2);
    expect(await samples.read(1)).toMatchObject({ name: "row 1 of rows.npy", inputs: [{ dims: [1, 3] }] });
    expect(numbers(await samples.read(1))).toEqual([2, 2.5, 3]);
  });

  it("stand beside each other for several inputs, with their labels", async () => {
    const path = await directory({
      "x.npy": encodeNpy([2, 3], Uint8Array.of(1, 2, 3, 4, 5, 6)),
      "state.npy": encodeNpy([2, 1], Uint8Array.of(7, 8)),
      "labels.npy": encodeNpy([2], Uint8Array.of(4, 5)),
    });
    const sample = await (await openSamples(path, [x, state])).read(1);
    expect(sample.label).toBe(5);
    expect(numbers(sample, 1)).toEqual([8]);
  });

  it.each([
    ["rows of another shape", encodeNpy([2, 4], new Uint8Array(8)), /row 0: a row of shape \[4\] does not fit/],
    ["no rows", encodeNpy([0, 3], new Uint8Array(0)), /there are no rows/],
    ["something else", new Uint8Array(100), /not a \.npy file/],
  ])("with %s are refused", async (_what, content, reason) => {
    await expect(openSamples(await file("x.npy", content), [x])).rejects.toThrow(reason);
  });

  it("without a file for each input are refused", async () => {
    const path = await directory({ "x.npy": encodeNpy([1, 3], new Uint8Array(3)) });
    await expect(openSamples(path, [x, state])).rejects.toThrow(/there is no state\.npy/);
  });
});

describe(".csv files", () => {
  it("hold one sample a row, with a label where a column is named", async () => {
    const path = await file("rows.csv", "\uFEFFa,kind,b,c\r\n1,cat,2,3\r\n\r\n-1e3,7,.5,6.\r\n");
    const samples = await all(await openSamples(path, [x], { labelColumn: "kind" }));
    expect(samples.map(({ label }) => label)).toEqual(["cat", 7]);
    expect(samples.map((sample) => numbers(sample))).toEqual([
      [1, 2, 3],
      [-1000, 0.5, 6],
    ]);
  });

  it("feed several inputs by the names of their columns", async () => {
    const path = await file("rows.csv", "x[1],state,x[0],x[2]\n1,9,2,3\n");
    const sample = await (await openSamples(path, [x, state])).read(0);
    expect([numbers(sample, 0), numbers(sample, 1)]).toEqual([[2, 1, 3], [9]]);
  });

  it("are refused with the line of each mistake", async () => {
    const path = await file("rows.csv", 'a,b,c\n1,2,3\n1,"2,5",3\n1,2\n1,,3\n1,0x10,nan\n');
    await expect(openSamples(path, [x])).rejects.toMatchObject({
      problems: [
        'line 3: column 2 holds "2,5", which is no number',
        "line 4: 2 values where the header has 3",
        'line 5: column 2 holds "", which is no number',
        'line 6: column 2 holds "0x10", which is no number',
      ],
    });
  });

  it.each([
    ["", /the file is empty/],
    ["a,b,c\n", /no rows below the header/],
    ["a,b\n1,2\n", /a row of shape \[2\] does not fit/],
    ["a,a,b\n1,2,3\n", /column "a" occurs twice/],
    ['a,b,c\n"1,2,3\n', /quote/i],
  ])("such as %j are refused", async (content, reason) => {
    await expect(openSamples(await file("rows.csv", content), [x])).rejects.toThrow(reason);
  });

  it("are refused when the label's column is not there", async () => {
    await expect(openSamples(await file("r.csv", "a,b,c\n1,2,3\n"), [x], { labelColumn: "d" })).rejects.toThrow(
      /no column "d"; there are a, b, c/,
    );
  });

  it("give every row back whatever the line ends, quotes and sizes", async () => {
    const cell = fc.oneof(fc.integer(), fc.float({ noNaN: true, noDefaultInfinity: true }));
    const label = fc.string({ unit: fc.constantFrom("ä", '"', ",", "\n", "\r\n", "x", "中"), maxLength: 8 });
    const rows = fc.array(fc.tuple(label, cell, cell, cell), { minLength: 1, maxLength: 2_000 });
    await fc.assert(
      fc.asyncProperty(rows, fc.constantFrom("\n", "\r\n"), async (records, end) => {
        const lines = records.map(([text, ...cells]) => `"l${text.replaceAll('"', '""')}",${cells.join(",")}`);
        const path = await file("rows.csv", ["label,a,b,c", ...lines, ""].join(end));
        const samples = await openSamples(path, [x], { labelColumn: "label" });
        expect(samples.count).toBe(records.length);
        for (const index of [0, Math.floor(records.length / 2), records.length - 1]) {
          const sample = await samples.read(index);
          const [text, ...cells] = records[index] as (typeof records)[number];
          expect(sample.label).toBe(`l${text}`.trim());
          expect(numbers(sample)).toEqual(cells.map((value) => Math.fround(value) + 0));
        }
      }),
      { numRuns: 25 },
    );
  });
});

const red = [255, 0, 0];
const blue = [0, 0, 255];

function png(pixels: readonly (readonly number[])[], width = 2, height = 2): Uint8Array {
  return encodePng({ width, height, channels: 3, data: Uint8Array.from(pixels.flat()) });
}

describe("images", () => {
  it("are one sample each, their folder is the label", async () => {
    const path = await directory({
      "dog/b.png": png([red, red, blue, blue]),
      "cat/a.png": png([blue, blue, blue, blue]),
    });
    const samples = await all(await openSamples(path, [image]));
    expect(samples.map(({ name, label }) => [name, label])).toEqual([
      ["cat/a.png", "cat"],
      ["dog/b.png", "dog"],
    ]);
    expect(numbers(samples[1] as Sample)).toEqual([1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
  });

  const picture = [red, blue, blue, blue];
  const cases: readonly [string, TensorSpec, SampleOptions["images"], readonly number[], readonly number[]][] = [
    ["colours the other way round", image, { colours: "BGR" }, [1, 3, 2, 2], [0, 1, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0]],
    [
      "normalised",
      image,
      { mean: [0.5], std: [0.5, 0.5, 0.25] },
      [1, 3, 2, 2],
      [1, -1, -1, -1, -1, -1, -1, -1, -2, 2, 2, 2],
    ],
    [
      "channels last, as bytes",
      { name: "image", dataType: "uint8", shape: ["n", 2, 2, 3] },
      {},
      [1, 2, 2, 3],
      [...red, ...blue, ...blue, ...blue],
    ],
    [
      "in grey",
      { ...image, shape: [1, 1, "h", "w"] },
      { scale: 1 },
      [1, 1, 2, 2],
      [0.299 * 255, 0.114 * 255, 0.114 * 255, 0.114 * 255].map(Math.fround),
    ],
    [
      "padded at the right",
      { ...image, shape: [1, 1, 2, 3] },
      { fit: "pad", padValue: -7, scale: 0 },
      [1, 1, 2, 3],
      [0, 0, -7, 0, 0, -7],
    ],
    [
      "as wide as the height asks for",
      { ...image, shape: [1, 1, 4, "w"] },
      { scale: 0, mean: [1] },
      [1, 1, 4, 4],
      Array<number>(16).fill(-1),
    ],
  ];
  it.each(cases)("can be %s", async (_what, spec, images, dims, expected) => {
    const path = await directory({ "a.png": png(picture) });
    const sample = await (await openSamples(path, [spec], images === undefined ? {} : { images })).read(0);
    expect(sample.inputs[0]?.dims).toEqual(dims);
    expect(numbers(sample)).toEqual(expected);
  });

  it("may be JPEG, and their labels may stand in a file", async () => {
    const data = Uint8Array.from(Array.from({ length: 16 * 16 }, () => [200, 100, 50, 255]).flat());
    const path = await directory({
      "lines/a.jpg": encodeJpeg({ width: 16, height: 16, data }, 95).data,
      "labels.csv": 'file,label\nlines/a.jpg,"Hello, world"\n',
    });
    const sample = await (await openSamples(path, [image], { images: { scale: 1 } })).read(0);
    expect(sample.label).toBe("Hello, world");
    const [r, , , , g, , , , b] = numbers(sample);
    for (const [found, wanted] of [
      [r, 200],
      [g, 100],
      [b, 50],
    ] as const)
      expect(Math.abs((found ?? Number.NaN) - wanted)).toBeLessThan(6);
  });

  it.each([
    ["a damaged image", { "a.png": png(picture).subarray(0, 40) }, /a\.png: the image is damaged/],
    ["no image", { "a.png": "GIF89a" }, /a\.png: neither a PNG nor a JPEG/],
    ["more pixels than memory", { "a.png": hugePng() }, /more than 64 million/],
  ])("are refused: %s", async (_what, files: Record<string, Uint8Array | string>, reason) => {
    const samples = await openSamples(await directory(files), [image]);
    await expect(samples.read(0)).rejects.toThrow(reason);
  });

  it("need a model with one input of four dimensions", async () => {
    const path = await directory({ "a.png": png(picture) });
    await expect(openSamples(path, [x])).rejects.toThrow(/four dimensions/);
    await expect(openSamples(path, [image, state])).rejects.toThrow(/one input; this one has 2/);
  });

  it("that their labels.csv names must be there", async () => {
    const path = await directory({ "a.png": png(picture), "labels.csv": "file,label\nb.png,1\n" });
    await expect(openSamples(path, [image])).rejects.toThrow(/there is no file b\.png/);
  });
});

function hugePng(): Uint8Array {
  const bytes = Uint8Array.from(png([red, red, red, red]));
  new DataView(bytes.buffer).setUint32(16, 2 ** 20);
  new DataView(bytes.buffer).setUint32(20, 2 ** 20);
  return bytes;
}

describe("what is no form of samples", () => {
  it.each([
    ["a path that is not there", () => Promise.resolve("/nowhere/at/all"), /no such file/],
    ["an empty directory", () => directory(), /holds no samples/],
    ["another file", () => file("x.txt", "1"), /form of this file is not known/],
  ])("is refused with the forms there are: %s", async (_what, path, reason) => {
    const opening = openSamples(await path(), [x]);
    await expect(opening).rejects.toThrow(reason);
    await expect(opening).rejects.toThrow(/test_data_set_N/);
  });
});
