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
