import { describe, expect, it } from "vitest";
import { parseImageOptions } from "../../../../../control-plane/packaging/samples/image-options.ts";
import { Problems } from "../../../../../proto/problems.ts";

describe("parseImageOptions", () => {
  it("reads what a specification says", () => {
    const problems = new Problems();
    const written = { layout: "NCHW", fit: "pad", colours: "BGR", width: 320, mean: 0.5, std: [0.5, 0.5, 0.5] };
    expect(parseImageOptions(written, "images", problems)).toEqual({ ...written, mean: [0.5] });
    expect(problems.list).toEqual([]);
  });

  it("names every mistake with its path", () => {
    const problems = new Problems();
    const written = { layout: "CHW", width: 0.5, scale: "1/255", mean: [], std: 0, size: 3 };
    expect(parseImageOptions(written, "images", problems)).toBeUndefined();
    expect(problems.list).toEqual([
      expect.stringMatching(/^images\.size: is not known; there are layout, /),
      "images.layout: must be one of NCHW, NHWC",
      "images.scale: must be a number",
      "images.mean: must be a number, or a list of one for each channel",
      "images.width: 0.5 is not a number of pixels from 1 to 16384",
      "images.std: must not be 0: the input would be infinite",
    ]);
  });

  it.each([undefined, null, "NCHW", []])("refuses %j", (value) => {
    const problems = new Problems();
    expect(parseImageOptions(value, "images", problems)).toBeUndefined();
    expect(problems.list).toHaveLength(1);
  });
});
