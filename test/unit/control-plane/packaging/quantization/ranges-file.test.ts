import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RangesFile } from "../../../../../control-plane/packaging/quantization/ranges-file.ts";
import { encodeRanges, readRanges } from "../../../../../control-plane/packaging/quantization/ranges-file.ts";
import { digestOf } from "../../../../support/messages.ts";
import type { TemporaryDirectory } from "../../../../support/temporary-directory.ts";
import { temporaryDirectory } from "../../../../support/temporary-directory.ts";

let home: TemporaryDirectory;
beforeAll(async () => {
  home = await temporaryDirectory();
});
afterAll(() => home[Symbol.asyncDispose]());

const file: RangesFile = {
  model: digestOf(1),
  calibration: { method: "percentile", percentile: 99.99 },
  samples: 20,
  ranges: new Map([
    ["x", { min: -1, max: 0.501_953_125, channelMeans: [0.25, -0.125] }],
    ["17", { min: 0, max: 0 }],
    ["a.b/c", { min: 0, max: 3e38 }],
  ]),
};

async function read(content: string | Uint8Array) {
  const path = join(home.path, "ranges.json");
  await writeFile(path, content);
  return readRanges(path);
}

describe("a file of ranges", () => {
  it("gives back what was written into it", async () => {
    expect(await read(encodeRanges(file))).toEqual(file);
  });

  it("that is not there is none", async () => {
    expect(await readRanges(join(home.path, "nothing.json"))).toBeUndefined();
  });

  it("that is something else is refused", async () => {
    await expect(read("x,y\n1,2\n")).rejects.toThrow(/ranges\.json is not JSON: ranges are written by --ranges/);
    await expect(read("[]")).rejects.toThrow(/holds no ranges:\n {2}- the document: /);
    await expect(readRanges(home.path)).rejects.toThrow(/cannot be read/);
  });

  it("is refused with every mistake in it", async () => {
    const mistaken = { model: "sha256:1", calibration: { method: "magic", percentile: 30 }, samples: 0 };
    const ranges = { x: [1, 2], y: [0], z: [-1, null] };
    const problems = await read(JSON.stringify({ ...mistaken, ranges })).then(
      () => "",
      (error: Error) => error.message,
    );
    for (const place of ["model", "calibration.method", "calibration.percentile", "samples", "ranges.x", "ranges.y"])
      expect(problems).toContain(`- ${place}`);
    expect(problems).toContain("- ranges.z");
  });
});
