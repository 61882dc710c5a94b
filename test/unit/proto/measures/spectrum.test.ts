import { describe, expect, it } from "vitest";
import type { KnownSpectra } from "../../../../proto/measures/measure-of.ts";
import { measureOf } from "../../../../proto/measures/measure-of.ts";
import { powerSpectrum } from "../../../../proto/measures/spectrum.ts";
import { cosine, measured, rowOf } from "../../../support/measured-rows.ts";

const whole = (data: ArrayLike<number>, every = 1) => ({
  data,
  start: 0,
  count: data.length,
  stride: 1,
  width: data.length,
  every,
});

/** By the definition: |Σ w_i (x_i - x̄) e^(-2πik/n)|². */
function powerAt(frame: Float32Array, k: number): number {
  const mean = frame.reduce((sum, value) => sum + value, 0) / frame.length;
  let [real, imaginary] = [0, 0];
  for (const [i, value] of frame.entries()) {
    const weighted = ((value - mean) * (1 - Math.cos((2 * Math.PI * i) / frame.length))) / 2;
    real += weighted * Math.cos((2 * Math.PI * i * k) / frame.length);
    imaginary -= weighted * Math.sin((2 * Math.PI * i * k) / frame.length);
  }
  return real ** 2 + imaginary ** 2;
}

describe("a power spectrum", () => {
  it("has a tone on its line and a quarter of it beside", () => {
    const power = powerSpectrum(whole(cosine(4, 32, 32)), 32);
    expect([3, 4, 5].map((k) => Math.round((power[k] as number) * 1e4) / 1e4)).toEqual([16, 64, 16]);
    expect(power[8]).toBeCloseTo(0, 6);
  });

  it("is the sum of what the definition gives for each frame, also of an odd number of them", () => {
    const signal = Float32Array.from({ length: 3 * 64 + 10 }, (_, i) => Math.sin(i * i) + 3);
    const power = powerSpectrum(whole(signal), 64);
    for (let k = 0; k <= 32; k++) {
      const expected = [0, 64, 128].reduce((sum, at) => sum + powerAt(signal.slice(at, at + 64), k), 0);
      expect(power[k]).toBeCloseTo(expected, 6);
    }
  });

  it("takes every n-th frame, and is missing for less than one", () => {
    const signal = Float32Array.from({ length: 5 * 16 }, (_, i) => Math.sin(i ** 1.5));
    const thinned = powerSpectrum(whole(signal, 3), 16);
    const both = Float32Array.from([...signal.slice(0, 16), ...signal.slice(48, 64)]);
    expect([...thinned]).toEqual([...powerSpectrum(whole(both), 16)]);
    expect(powerSpectrum(whole(signal.slice(0, 15)), 16)[3]).toBeNaN();
  });
});

describe("features of a spectrum", () => {
  const sound = { sampleRate: 16_000, frame: 1_024 } as const;

  it("are its middle", () => {
    expect(measured({ statistic: "spectral-centroid", ...sound }, cosine(1_000, 16_000, 16_000))).toBeCloseTo(
      1_000,
      -1,
    );
    expect(measured({ statistic: "spectral-centroid", ...sound }, new Float32Array(16_000))).toBeNaN();
  });

  it("are of their own channel, also where others of the row are measured first", () => {
    const two = Float32Array.from([...cosine(1_000, 16_000, 4_096), ...cosine(4_000, 16_000, 4_096)]);
    const row = rowOf(two, [2, 4_096]);
    const spectra: KnownSpectra = new Map();
    const centroids = [undefined, 0, 1].map((index) =>
      measureOf(
        {
          statistic: "spectral-centroid",
          ...sound,
          ...(index !== undefined && { channel: { index, axis: "first" as const } }),
        },
        row,
        spectra,
      ),
    );
    expect(centroids.map((hertz) => Math.round(hertz / 100) * 100)).toEqual([2_500, 1_000, 4_000]);
  });

  it("are the share of a band: a hum of 50 Hz lies between 30 and 80", () => {
    const speech = cosine(440, 16_000, 16_000);
    const hum = cosine(50, 16_000, 16_000);
    const band = { statistic: "band-energy", ...sound, fromHz: 30, toHz: 80 } as const;
    expect(measured(band, speech)).toBeLessThan(0.001);
    expect(measured(band, hum)).toBeGreaterThan(0.98);
    const mixed = speech.map((value, i) => value + (hum[i] as number));
    expect(measured(band, mixed)).toBeCloseTo(0.5, 1);
  });
});
