const significantBits = 10;

/**
 * The next number away from zero that has ten significant bits: at most 0.2 % more. 0 stays 0.
 *
 * Example: 1.0001 → 1.001953125 (513 / 512), -3 → -3.
 */
export function roundedOutward(value: number): number {
  if (value === 0) return 0;
  if (!Number.isFinite(value)) return value;
  const unit = 2 ** (Math.floor(Math.log2(Math.abs(value))) + 1 - significantBits);
  const units = Math.abs(value) / unit;
  return Math.sign(value) * Math.ceil(units) * unit;
}
