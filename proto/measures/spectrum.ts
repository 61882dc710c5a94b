import type { SpectrumSpec } from "./measure.ts";
import type { Part } from "./part.ts";

/** Power at each line of a spectrum, summed over its frames; index k stands for k × sampleRate / frame hertz. */
export type PowerSpectrum = Float64Array;

/**
 * The power of a signal at frame / 2 + 1 frequencies: the signal is cut into frames without overlap, each is freed of its mean, weighted
 * with Hann's window against leakage and transformed, and the squares are added (Welch: The use of fast Fourier transform for the
 * estimation of power spectra, IEEE Trans. Audio Electroacoust. 15(2), 1967). A rest shorter than a frame is left out; of the frames every
 * n-th is taken. All NaN where the signal is shorter than one frame.
 *
 * Two frames go through each transform, one as the real and one as the imaginary part z = a + ib: |Z_k|² + |Z_n-k|² is
 * 2 (|A_k|² + |B_k|²), and of both only the sum is wanted.
 *
 * Example: a cosine of amplitude 1 on line 4 of a frame of 32 has (32 / 4)² = 64 on that line and a quarter of it on lines 3 and 5.
 */
export function powerSpectrum(signal: Part, frame: number): PowerSpectrum {
  const { count, every } = signal;
  const half = frame / 2;
  const power = new Float64Array(half + 1);
  const step = every * frame;
  if (count < frame) return power.fill(Number.NaN);
  const { real, imaginary } = { real: new Float64Array(frame), imaginary: new Float64Array(frame) };
  for (let first = 0; first + frame <= count; first += 2 * step) {
    loadFrame(signal, first, real);
    if (first + step + frame <= count) loadFrame(signal, first + step, imaginary);
    else imaginary.fill(0);
    transform(real, imaginary);
    for (let k = 0; k <= half; k++) {
      const mirror = (frame - k) % frame;
      const here = (real[k] as number) ** 2 + (imaginary[k] as number) ** 2;
      const there = (real[mirror] as number) ** 2 + (imaginary[mirror] as number) ** 2;
      power[k] = (power[k] as number) + (here + there) / 2;
    }
  }
  return power;
}

/** Σ f P(f) / Σ P(f) in hertz: where the spectrum has its middle. Dull or muffled sound lowers it, hiss raises it; NaN for silence. */
export function spectralCentroid(power: PowerSpectrum, { sampleRate, frame }: SpectrumSpec): number {
  let moment = 0;
  let sum = 0;
  for (let k = 1; k < power.length; k++) {
    moment += k * (power[k] as number);
    sum += power[k] as number;
  }
  return ((moment / sum) * sampleRate) / frame;
}

/**
 * The share of the energy, without the constant part, on the lines from `fromHz` to below `toHz`: 0 to 1; NaN for silence. Hann's window
 * spreads a tone over three to four lines: a band that is to hold a whole tone needs that width.
 */
export function bandEnergy(
  power: PowerSpectrum,
  { sampleRate, frame, fromHz, toHz }: SpectrumSpec & { readonly fromHz: number; readonly toHz: number },
): number {
  const spacing = sampleRate / frame;
  let inside = 0;
  let sum = 0;
  for (let k = 1; k < power.length; k++) {
    const value = power[k] as number;
    sum += value;
    if (k * spacing >= fromHz && k * spacing < toHz) inside += value;
  }
  return inside / sum;
}

function loadFrame({ data, start, stride }: Part, first: number, into: Float64Array): void {
  const frame = into.length;
  const { window } = tablesOf(frame);
  let sum = 0;
  for (let i = 0; i < frame; i++) sum += data[start + (first + i) * stride] as number;
  const mean = sum / frame;
  for (let i = 0; i < frame; i++)
    into[i] = ((data[start + (first + i) * stride] as number) - mean) * (window[i] as number);
}

interface Tables {
  /** Hann's window, periodic: (1 - cos(2πi / n)) / 2. */
  readonly window: Float64Array;
  /** cos and sin of 2πi / n for half a turn. */
  readonly cosines: Float64Array;
  readonly sines: Float64Array;
  /** Where each element goes when the bits of its index are read backwards. */
  readonly reversed: Uint16Array;
}

/** Made once for each of the few lengths; they depend on nothing else. */
const allTables = new Map<number, Tables>();

function tablesOf(length: number): Tables {
  const known = allTables.get(length);
  if (known !== undefined) return known;
  const angle = (2 * Math.PI) / length;
  const bits = Math.log2(length);
  const tables: Tables = {
    window: Float64Array.from({ length }, (_, i) => (1 - Math.cos(angle * i)) / 2),
    cosines: Float64Array.from({ length: length / 2 }, (_, i) => Math.cos(angle * i)),
    sines: Float64Array.from({ length: length / 2 }, (_, i) => Math.sin(angle * i)),
    reversed: Uint16Array.from({ length }, (_, i) => reversedBits(i, bits)),
  };
  allTables.set(length, tables);
  return tables;
}

/** Example: 3 of 4 bits, 0011, is 12, 1100. */
function reversedBits(value: number, bits: number): number {
  let reversed = 0;
  for (let bit = 0; bit < bits; bit++) reversed |= ((value >> bit) & 1) << (bits - 1 - bit);
  return reversed;
}

/** The discrete Fourier transform Z_k = Σ z_i e^(-2πik/n) in place, by halves (Cooley, Tukey 1965, radix 2). */
function transform(real: Float64Array, imaginary: Float64Array): void {
  const length = real.length;
  const { cosines, sines, reversed } = tablesOf(length);
  for (let i = 0; i < length; i++) {
    const j = reversed[i] as number;
    if (j <= i) continue;
    swap(real, i, j);
    swap(imaginary, i, j);
  }
  for (let size = 2; size <= length; size *= 2) {
    const half = size / 2;
    const stride = length / size;
    for (let block = 0; block < length; block += size)
      for (let k = 0; k < half; k++) {
        const cosine = cosines[k * stride] as number;
        const sine = sines[k * stride] as number;
        const even = block + k;
        const odd = even + half;
        const oddReal = real[odd] as number;
        const oddImaginary = imaginary[odd] as number;
        const evenReal = real[even] as number;
        const evenImaginary = imaginary[even] as number;
        const turnedReal = oddReal * cosine + oddImaginary * sine;
        const turnedImaginary = oddImaginary * cosine - oddReal * sine;
        real[odd] = evenReal - turnedReal;
        imaginary[odd] = evenImaginary - turnedImaginary;
        real[even] = evenReal + turnedReal;
        imaginary[even] = evenImaginary + turnedImaginary;
      }
  }
}

function swap(values: Float64Array, i: number, j: number): void {
  const value = values[i] as number;
  values[i] = values[j] as number;
  values[j] = value;
}
