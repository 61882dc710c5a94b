import type { Digest } from "./ids.ts";

const hexDigits = "0123456789abcdef";

export function hexOf(bytes: Uint8Array): string {
  let hex = "";
  for (const byte of bytes) hex += (hexDigits[byte >> 4] as string) + (hexDigits[byte & 15] as string);
  return hex;
}

/** A Digest from the 32 raw bytes of a SHA-256; undefined for any other length. */
export function digestOfBytes(bytes: Uint8Array): Digest | undefined {
  return bytes.length === 32 ? (`sha256:${hexOf(bytes)}` as Digest) : undefined;
}

export function bytesOfDigest(digest: Digest): Uint8Array {
  const bytes = new Uint8Array(32);
  for (let i = 0; i < 32; i++) bytes[i] = Number.parseInt(digest.slice(7 + 2 * i, 9 + 2 * i), 16);
  return bytes;
}

export function bytesOfBase64(base64: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

export function base64OfBytes(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** Undefined when the bytes are not UTF-8. */
export function textOfBytes(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

export function bytesOfText(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
