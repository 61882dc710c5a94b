import fc from "fast-check";
import { describe, it } from "vitest";
import { float16sOf, float32sOf } from "../../control-plane/packaging/quantization/float16.ts";
import { int4Weights } from "../../control-plane/packaging/quantization/int4.ts";
import type { IntegerFormat } from "../../control-plane/packaging/quantization/numbers.ts";
import {
  integerRange,
  quantizeWeights,
  roundHalfEven,
  scaleAndZeroPoint,
} from "../../control-plane/packaging/quantization/numbers.ts";
import { int4Value } from "../support/int4-value.ts";

/** Sizes that networks have, zero and numbers far from one among them. */
const real = fc.oneof(
  fc.float({ noNaN: true, min: -8, max: 8 }),
  fc.float({ noNaN: true, min: Math.fround(-1e30), max: Math.fround(1e30) }),
  fc.constant(0),
);

const format: fc.Arbitrary<IntegerFormat> = fc.record({
  type: fc.constantFrom("uint8", "int8"),
  symmetric: fc.boolean(),
  bits: fc.constantFrom(8, 7),
});

/** A weight of up to three dimensions and an axis of it, or none. */
const weights = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 3 }).chain((dims) =>
  fc.record({
    dims: fc.constant(dims),
    axis: fc.option(fc.integer({ min: 0, max: dims.length - 1 }), { nil: undefined }),
    bits: fc.constantFrom<8 | 7>(8, 7),
    values: fc
      .array(real, { minLength: product(dims), maxLength: product(dims) })
      .map((values) => Float32Array.from(values)),
  }),
);

function product(dims: readonly number[]): number {
  return dims.reduce((all, dim) => all * dim, 1);
}

function channelOf(index: number, dims: readonly number[], axis: number | undefined): number {
  if (axis === undefined) return 0;
  return Math.floor(index / product(dims.slice(axis + 1))) % (dims[axis] ?? 1);
}

/** float32 arithmetic loses 2^-24 at each of a handful of steps. */
const slack = 1 + 1e-5;

describe("integers for reals", () => {
  it("rounding takes the nearest integer, and the even one of two", () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e6, max: 1e6 }), (integer) => {
        const halves = roundHalfEven(integer + 0.5);
        return (
          halves % 2 === 0 && Math.abs(halves - integer - 0.5) === 0.5 && roundHalfEven(integer + 0.499) === integer
        );
      }),
    );
  });

  it("zero is exact, the zero point is one of the integers, and no value of the range is off by more than a step", () => {
    fc.assert(
      fc.property(real, real, fc.double({ min: 0, max: 1, noNaN: true }), format, (a, b, part, how) => {
        const [min, max] = [Math.min(a, b), Math.max(a, b)];
        const { scale, zeroPoint } = scaleAndZeroPoint(min, max, how);
        const range = integerRange(how);
        if (zeroPoint < range.min || zeroPoint > range.max) return false;
        const value = min + part * (max - min);
        const integer = Math.min(Math.max(roundHalfEven(value / scale) + zeroPoint, range.min), range.max);
        return Math.abs(scale * (integer - zeroPoint) - value) <= scale * slack;
      }),
    );
  });

  it("a weight is off by half a step at most, zeros stay zeros, and -128 is never used", () => {
    fc.assert(
      fc.property(weights, ({ values, dims, axis, bits }) => {
        const { quantized, scales } = quantizeWeights(values, dims, { axis, bits });
        return values.every((value, index) => {
          const integer = quantized[index] ?? Number.NaN;
          const scale = scales[channelOf(index, dims, axis)] ?? Number.NaN;
          const isNear = Math.abs(scale * integer - value) <= (scale / 2) * slack;
          return isNear && (value !== 0 || integer === 0) && Math.abs(integer) <= (bits === 8 ? 127 : 64);
        });
      }),
    );
  });

  it("what was quantized and scaled back gives the same integers with the same scales", () => {
    fc.assert(
      fc.property(weights, ({ values, dims, axis, bits }) => {
        const first = quantizeWeights(values, dims, { axis, bits });
        const back = Float32Array.from(
          first.quantized,
          (integer, index) => integer * (first.scales[channelOf(index, dims, axis)] ?? 0),
        );
        const second = quantizeWeights(back, dims, { axis, bits, base: first.scales });
        return second.quantized.every((integer, index) => integer === first.quantized[index]);
      }),
    );
  });

  it("with any scales of a parent a weight is off by hardly more than half a step", () => {
    fc.assert(
      fc.property(weights, fc.double({ min: 0.5, max: 2, noNaN: true }), ({ values, dims, axis, bits }, ratio) => {
        const own = quantizeWeights(values, dims, { axis, bits });
        const { quantized, scales } = quantizeWeights(values, dims, {
          axis,
          bits,
          base: own.scales.map((s) => s * ratio),
        });
        return values.every((value, index) => {
          const scale = scales[channelOf(index, dims, axis)] ?? Number.NaN;
          return Math.abs(scale * (quantized[index] ?? Number.NaN) - value) <= 0.51 * scale * slack;
        });
      }),
    );
  });
});

describe("float16", () => {
  it("is the nearest of all binary16 numbers", () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, min: -65_504, max: 65_504 }), (value) => {
        const bits = float16sOf(Float32Array.of(value))[0] ?? 0;
        const near = [bits, bits + 1, bits - 1].filter((one) => one >= 0 && (one & 0x7c00) !== 0x7c00);
        const [chosen = Number.NaN, ...others] = float32sOf(Uint16Array.from(near));
        return others.every((other) => Math.abs(chosen - value) <= Math.abs(other - value));
      }),
    );
  });
});

describe("int4", () => {
  it("a weight is off by a step at most, half of it from its zero point, and zeros stay zeros", () => {
    const layout = fc.record({
      rows: fc.integer({ min: 1, max: 70 }),
      columns: fc.integer({ min: 1, max: 3 }),
      blockSize: fc.constantFrom(16, 32),
    });
    const matrix = layout.chain((one) =>
      fc.tuple(
        fc.constant(one),
        fc.array(real, { minLength: one.rows * one.columns, maxLength: one.rows * one.columns }),
      ),
    );
    fc.assert(
      fc.property(matrix, ([one, values]) => {
        const at = (row: number, column: number): number => values[row * one.columns + column] ?? 0;
        const packed = int4Weights(at, one);
        const blocks = Math.ceil(one.rows / one.blockSize);
        return values.every((value, index) => {
          const [row, column] = [Math.floor(index / one.columns), index % one.columns];
          const scale = packed.scales[column * blocks + Math.floor(row / one.blockSize)] ?? Number.NaN;
          const back = int4Value(packed, one, row, column);
          return Math.abs(back - value) <= scale * slack && (value !== 0 || back === 0);
        });
      }),
    );
  });
});
