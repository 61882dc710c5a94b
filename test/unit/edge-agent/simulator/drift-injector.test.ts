import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../../edge-agent/adapters/memory/seeded-random.ts";
import type { Disturbance } from "../../../../edge-agent/simulator/drift-injector.ts";
import { disturbances, disturbed } from "../../../../edge-agent/simulator/drift-injector.ts";
import { featureOf } from "../../../../proto/features.ts";
import type { Tensor } from "../../../../proto/tensors.ts";

function image(values: readonly number[], side = Math.sqrt(values.length)): Tensor {
  const rawData = new Uint8Array(Float32Array.from(values).buffer);
  return { name: "image", dataType: "float32", dims: [1, 1, side, side], rawData };
}

function valuesOf({ rawData }: Tensor): number[] {
  return [...new Float32Array(new Uint8Array(rawData).buffer)];
}

const apply = (values: readonly number[], effect: Disturbance) =>
  valuesOf(disturbed(image(values), effect, seededRandom(1)));
const gradient = (data: readonly number[]) =>
  featureOf(
    { kind: "gradient", name: "", input: "" },
    { data, start: 0, length: 49, width: 7, dims: [7, 7] },
  ) as number;
const pictures = fc.array(fc.float({ min: 0, max: 1, noNaN: true }), { minLength: 49, maxLength: 49 });

describe("a disturbed camera", () => {
  it("blurs: neighbouring pixels come closer, and an even picture stays as it is", () => {
    fc.assert(
      fc.property(pictures, (values) => {
        expect(gradient(apply(values, "blur"))).toBeLessThanOrEqual(gradient(values) + 1e-6);
      }),
    );
    expect(apply(Array(49).fill(0.5), "blur")).toEqual(Array(49).fill(0.5));
  });

  it("adds noise that differs from pixel to pixel and stays in range", () => {
    const noisy = apply(Array(49).fill(0.5), "noise");
    expect(gradient(noisy)).toBeGreaterThan(0.1);
    expect(noisy.every((value) => value >= 0 && value <= 1)).toBe(true);
  });

  it("darkens", () => {
    expect(Math.max(...apply(Array(49).fill(1), "dark"))).toBeCloseTo(0.35, 6);
  });

  it("shifts down and to the right", () => {
    const dot = Array.from({ length: 49 }, (_, i) => (i === 0 ? 1 : 0));
    expect(apply(dot, "shift").indexOf(1)).toBe(8);
  });

  it("keeps the shape, leaves its input alone, and leaves other types as they are", () => {
    fc.assert(
      fc.property(pictures, fc.constantFrom(...disturbances), (values, effect) => {
        const before = image(values);
        const copy = valuesOf(before);
        const after = disturbed(before, effect, seededRandom(2));
        expect(after.dims).toEqual(before.dims);
        expect(after.rawData.length).toBe(before.rawData.length);
        expect(valuesOf(before)).toEqual(copy);
      }),
    );
    const bytes: Tensor = { name: "image", dataType: "uint8", dims: [2, 2], rawData: Uint8Array.of(1, 2, 3, 4) };
    expect(disturbed(bytes, "blur", seededRandom(1))).toBe(bytes);
  });
});
