import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Picture } from "../../../../../control-plane/packaging/samples/resize-bilinear.ts";
import { resizeBilinear } from "../../../../../control-plane/packaging/samples/resize-bilinear.ts";

const row: Picture = { width: 2, height: 1, channels: 1, values: Float32Array.of(0, 100) };
const side = fc.integer({ min: 1, max: 12 });

describe("resizeBilinear", () => {
  it("interpolates between pixel centres", () => {
    expect([...resizeBilinear(row, 4, 1).values]).toEqual([0, 25, 75, 100]);
    expect([...resizeBilinear(row, 1, 2).values]).toEqual([50, 50]);
  });

  it("keeps a plane a plane, away from the edges", () => {
    const values = Float32Array.from({ length: 64 }, (_, i) => 3 * (i % 8) + 5 * Math.floor(i / 8));
    const { values: half } = resizeBilinear({ width: 8, height: 8, channels: 1, values }, 4, 4);
    // The centre of target pixel (x, y) lies at (2x + 0.5, 2y + 0.5).
    for (const [i, value] of half.entries())
      expect(value).toBeCloseTo(3 * (2 * (i % 4) + 0.5) + 5 * (2 * Math.floor(i / 4) + 0.5), 4);
  });

  it("stays within the values there were, channel by channel", () => {
    fc.assert(
      fc.property(side, side, side, side, fc.integer({ min: 0, max: 255 }), (w, h, width, height, start) => {
        const values = Float32Array.from({ length: w * h * 2 }, (_, i) =>
          i % 2 === 0 ? start : (i * 37 + start) % 256,
        );
        const result = resizeBilinear({ width: w, height: h, channels: 2, values }, width, height);
        expect(result.values).toHaveLength(width * height * 2);
        for (const [i, value] of result.values.entries())
          if (i % 2 === 0) expect(value).toBeCloseTo(start, 3);
          else expect(value >= -1e-3 && value <= 255.001).toBe(true);
      }),
    );
  });
});
