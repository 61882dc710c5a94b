import { float16OfFloat32, numberOfFloat16 } from "../../../proto/float16.ts";
import { notFinite } from "./numbers.ts";

/** The largest finite binary16. */
export const largestFloat16 = 65_504;

/**
 * IEEE 754 binary16 of float32 values: rounded half to even, subnormal numbers included. What lies beyond ±65,504 becomes ±65,504: an
 * infinite weight would make every output infinite.
 *
 * Example: 1 → 0x3c00, 65,520 → 0x7bff (65,504), 2⁻²⁴ → 0x0001, 2⁻²⁵ → 0x0000 (the even neighbour).
 *
 * @throws QuantizationError for NaN; `name` is the weight that the message names
 */
export function float16sOf(values: Float32Array, name?: string): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  // A loop: Uint16Array.from with a function takes fifteen times as long, seconds for a large model.
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i++) {
    const one = bits[i] as number;
    if ((one & 0x7fff_ffff) > 0x7f80_0000) throw notFinite(values[i] as number, i, name);
    halves[i] = float16OfFloat32(one);
  }
  return halves;
}

/** The numbers that binary16 bits stand for; each of them is a float32 too. */
export function float32sOf(halves: Uint16Array): Float32Array {
  return Float32Array.from(halves, numberOfFloat16);
}
