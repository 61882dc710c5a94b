/** Bytes of r and of s of a P-256 signature. */
const halfBytes = 32;

/**
 * An ECDSA-Sig-Value in DER (RFC 3279 §2.2.3) as r and s of 32 bytes each, which is what WebCrypto takes; undefined when it is not
 * exactly that. Each integer is signed and as short as it can be: one with its highest bit set has a zero byte before it.
 *
 * Example: `30 06 02 01 05 02 01 07` is r = 5 and s = 7.
 */
export function fixedSizeSignature(der: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  // Both integers have at most 33 bytes: every length fits into one byte.
  if (der[0] !== 0x30 || der[1] !== der.length - 2) return undefined;
  const r = integerAt(der, 2);
  if (r === undefined) return undefined;
  const s = integerAt(der, r.end);
  if (s === undefined || s.end !== der.length) return undefined;
  const fixed = new Uint8Array(2 * halfBytes);
  fixed.set(r.magnitude, halfBytes - r.magnitude.length);
  fixed.set(s.magnitude, 2 * halfBytes - s.magnitude.length);
  return fixed;
}

function integerAt(der: Uint8Array, start: number) {
  const length = der[start + 1];
  const end = start + 2 + (length ?? 0);
  if (der[start] !== 0x02 || !length || end > der.length) return undefined;
  const bytes = der.subarray(start + 2, end);
  const [first = 0, second = 0] = bytes;
  const isNegative = first >= 0x80;
  const isPadded = first === 0 && length > 1 && second < 0x80;
  if (isNegative || isPadded) return undefined;
  const magnitude = first === 0 ? bytes.subarray(1) : bytes;
  return magnitude.length > halfBytes ? undefined : { magnitude, end };
}
