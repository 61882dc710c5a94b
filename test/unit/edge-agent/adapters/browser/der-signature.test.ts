import { generateKeyPairSync, sign, verify } from "node:crypto";
import fc from "fast-check";
import { expect, it } from "vitest";
import { fixedSizeSignature } from "../../../../../edge-agent/adapters/browser/der-signature.ts";

const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const fixed = (message: Uint8Array, signature: Uint8Array) =>
  verify("sha256", message, { key: publicKey, dsaEncoding: "ieee-p1363" }, signature);

it("is the same signature in the other form", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (message) => {
      const signature = fixedSizeSignature(sign("sha256", message, privateKey));
      expect(signature).toHaveLength(64);
      expect(fixed(message, signature as Uint8Array)).toBe(true);
    }),
  );
});

it("puts short integers to the right of their 32 bytes", () => {
  const signature = fixedSizeSignature(Uint8Array.of(0x30, 6, 2, 1, 5, 2, 1, 7));
  expect(signature?.[31]).toBe(5);
  expect(signature?.[63]).toBe(7);
  expect(signature?.reduce((sum, byte) => sum + byte, 0)).toBe(12);
});

it.each<readonly [string, readonly number[]]>([
  ["nothing", []],
  ["no sequence", [0x31, 6, 2, 1, 5, 2, 1, 7]],
  ["a wrong length", [0x30, 7, 2, 1, 5, 2, 1, 7]],
  ["something behind it", [0x30, 6, 2, 1, 5, 2, 1, 7, 0]],
  ["something behind s inside", [0x30, 7, 2, 1, 5, 2, 1, 7, 0]],
  ["an integer without bytes", [0x30, 5, 2, 0, 2, 1, 7]],
  ["a negative integer", [0x30, 6, 2, 1, 0x85, 2, 1, 7]],
  ["an integer with a needless zero", [0x30, 7, 2, 2, 0, 5, 2, 1, 7]],
  ["an integer that is cut off", [0x30, 6, 2, 1, 5, 2, 9, 7]],
  ["only one integer", [0x30, 3, 2, 1, 5]],
  ["an integer of 34 bytes", [0x30, 39, 2, 34, 1, ...Array<number>(33).fill(0), 2, 1, 7]],
])("refuses %s", (_what, der) => {
  expect(fixedSizeSignature(Uint8Array.from(der))).toBeUndefined();
});

it("takes nothing that was changed for the same signature", () => {
  const message = Uint8Array.of(1, 2, 3);
  const der = sign("sha256", message, privateKey);
  for (const [at, byte] of der.entries()) {
    const changed = fixedSizeSignature(der.map((other, i) => (i === at ? byte ^ 1 : other)));
    expect(changed !== undefined && fixed(message, changed)).toBe(false);
  }
});
