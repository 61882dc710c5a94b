import { describe, expect, it } from "vitest";
import { quantizationPage } from "../../../../control-plane/cli/quantization-page.ts";
import type { QuantizeResult } from "../../../../control-plane/packaging/quantization/quantize-file.ts";
import type { QuantizationReport } from "../../../../control-plane/packaging/quantization/quantization.ts";
import { digestOf } from "../../../support/messages.ts";

function pageOf(overrides: Partial<QuantizeResult> = {}, report: Partial<QuantizationReport> = {}): string {
  const result: QuantizeResult = {
    file: "net.onnx",
    from: digestOf(1),
    out: "net-int8.onnx",
    digest: digestOf(2),
    bytesBefore: 2_000_000,
    bytesAfter: 500_000,
    tool: "sedge 0.1.0",
    options: { method: "weights-int8", perChannel: true, reduceRange: false, exclude: [], blockSize: 32 },
    base: undefined,
    samples: 0,
    calibration: undefined,
    excluded: [],
    relativeError: undefined,
    report: { quantized: [conv("conv1")], kept: [], notes: [], ...report },
    ...overrides,
  };
  return quantizationPage(result, "static-int8", (_style, text) => text);
}

const conv = (node: string) => ({ node, operator: "Conv", weights: [`${node}.w`] });
const lines = (page: string) => page.split("\n");

describe("the page about a quantization", () => {
  it("says where it is written, how small it became, and what is integer now", () => {
    const quantized = [conv("conv1"), conv("conv2"), { node: "fc", operator: "Gemm", weights: ["w", "b"] }];
    expect(lines(pageOf({}, { quantized }))).toEqual([
      `written    net-int8.onnx, ${digestOf(2)}`,
      "size       2.0 MB → 500 kB, 25.0 %",
      "method     static-int8",
      "quantized  3 nodes with 4 weights: Conv 2, Gemm 1",
      "",
    ]);
  });

  it("counts one as one", () => {
    expect(pageOf()).toContain("1 node with 1 weight: Conv 1");
    const calibration = { method: "minmax", percentile: 100 } as const;
    expect(pageOf({ calibration, samples: 1 })).toContain("calibrated by minmax on 1 sample\n");
  });

  it("says what it was calibrated by, and how far the outputs are from the float model's", () => {
    const calibration = { method: "percentile", percentile: 99.9 } as const;
    const page = pageOf({ calibration, samples: 600, relativeError: 0.012_34 });
    expect(page).toContain("method     static-int8, calibrated by percentile 99.9 on 600 samples\n");
    expect(page).toContain("outputs    differ from the float model's by 1.23 % on the samples\n");
  });

  it("names what was left out by wish", () => {
    expect(pageOf({ excluded: ["fc1", "fc2"] })).toContain("left out   fc1, fc2\n");
    expect(pageOf()).not.toContain("left out");
  });

  it("groups what stayed float by the reason, the most common first, and names a few", () => {
    const kept = [
      { node: "a", operator: "Resize", reason: "stays float" },
      ...["b", "c", "d", "e", "f", "g"].map((node) => ({ node, operator: "Conv", reason: "its weight is computed" })),
    ];
    expect(pageOf({}, { kept })).toContain(
      [
        "Still float",
        "  Conv 6: its weight is computed",
        "    b, c, d, e and 2 more",
        "  Resize 1: stays float",
        "    a",
        "",
      ].join("\n"),
    );
  });

  it("ends with what was done before that", () => {
    expect(pageOf({}, { notes: ["24 constants became initializers"] })).toMatch(
      /\nBefore that\n {2}24 constants became initializers\n$/,
    );
  });

  it("lets no name in a model move the cursor", () => {
    const escape = "\u001B[2J";
    const kept = [{ node: `n${escape}`, operator: `Conv${escape}`, reason: `because of ${escape}` }];
    const page = pageOf({ excluded: [escape] }, { kept, notes: [`note ${escape}`] });
    expect(page).not.toContain("\u001B");
  });
});
