/**
 * The number that 16 bits are as IEEE 754 binary16: a sign, five bits of exponent, ten of fraction. Exponent 0 is a fraction of
 * 2^-14 without the leading 1; exponent 31 is infinite (fraction 0) or not a number.
 *
 * Example: 0x3c01 has the exponent 15 and the fraction 1: 2^(15 − 15) · (1 + 1/1024) = 1.0009765625.
 */
export function numberOfFloat16(bits: number): number {
  const sign = (bits & 0x80_00) === 0 ? 1 : -1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3_ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** From the bits of a float32 that is no NaN to those of the nearest binary16; what is too large becomes the largest finite one. */
export function float16OfFloat32(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const fraction = bits & 0x7f_ffff;
  const exponent = ((bits >>> 23) & 0xff) - 127 + 15;
  if (exponent < -10) return sign;
  // Subnormal: the leading 1, which a normal number leaves out, is written and moves to the right.
  if (exponent <= 0) return sign | shiftedHalfEven(fraction | 0x80_0000, 14 - exponent);
  // A fraction that rounds up to 2 carries into the exponent by itself.
  const magnitude = exponent * 0x400 + shiftedHalfEven(fraction, 13);
  return sign | Math.min(magnitude, 0x7bff);
}

/** bits / 2^shift, rounded half to even. */
function shiftedHalfEven(bits: number, shift: number): number {
  const rest = bits & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  const cut = bits >>> shift;
  return rest > half || (rest === half && (cut & 1) === 1) ? cut + 1 : cut;
}
