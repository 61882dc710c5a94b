import { createHash, generateKeyPairSync, sign } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keyIdOf as keyIdInBrowsers, webCrypto } from "../../../../../edge-agent/adapters/browser/web-crypto.ts";
import { keyIdOf, nodeCrypto } from "../../../../../edge-agent/adapters/node/node-crypto.ts";

function keyPair(namedCurve: "P-256" | "P-384") {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve });
  return { publicKey: publicKey.export({ format: "der", type: "spki" }).toString("base64"), privateKey };
}

const message = Buffer.from("what was signed");
const { publicKey, privateKey } = keyPair("P-256");
const signature = sign("sha256", message, privateKey);

describe.each([
  ["Node", nodeCrypto],
  ["browsers", webCrypto],
])("a signature, by the adapter for %s,", (_which, crypto) => {
  it("holds for its key and its message only", async () => {
    expect(await crypto.verify(publicKey, message, signature)).toBe(true);
    expect(await crypto.verify(publicKey, Buffer.from("something else"), signature)).toBe(false);
    expect(await crypto.verify(keyPair("P-256").publicKey, message, signature)).toBe(false);
  });

  it("does not hold for a key of another kind", async () => {
    const other = keyPair("P-384");
    expect(await crypto.verify(other.publicKey, message, sign("sha256", message, other.privateKey))).toBe(false);
  });

  it("does not hold, and nothing is thrown, when anything is malformed", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array(), fc.string(), async (bytes, text) => {
        expect(await crypto.verify(publicKey, message, bytes)).toBe(false);
        expect(await crypto.verify(text, message, signature)).toBe(false);
        expect(keyIdOf(text)).toBeUndefined();
      }),
    );
  });
});

it("names a key by the first 16 hexadecimal digits of its hash", async () => {
  const hash = createHash("sha256").update(Buffer.from(publicKey, "base64")).digest("hex");
  expect(keyIdOf(publicKey)).toBe(hash.slice(0, 16));
  expect(await keyIdInBrowsers(publicKey)).toBe(hash.slice(0, 16));
  expect(await keyIdInBrowsers(keyPair("P-384").publicKey)).toBeUndefined();
});
