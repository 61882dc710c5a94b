import { generateKeyPairSync } from "node:crypto";
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PublisherKey } from "../../../../control-plane/packaging/publisher-key.ts";
import {
  createPublisherKey,
  keyIdOf,
  loadPublisherKey,
  PublisherKeyError,
} from "../../../../control-plane/packaging/publisher-key.ts";
import { signerOf, signStatement, verifySignature } from "../../../../control-plane/packaging/signing.ts";
import { bytesOfText } from "../../../../proto/bytes.ts";
import { preAuthEncoding } from "../../../../proto/statements.ts";

let directory: string;
let key: PublisherKey;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "sedge-key-"));
  key = await createPublisherKey(join(directory, "publisher.pem"));
});

afterAll(() => rm(directory, { recursive: true, force: true }));

describe("a publisher key", () => {
  it("is a file that only its owner can read, and the same key when loaded", async () => {
    const file = join(directory, "publisher.pem");
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, "utf8")).toMatch(/^-----BEGIN PRIVATE KEY-----/);
    const loaded = await loadPublisherKey(file);
    expect(loaded).toMatchObject({ keyId: key.keyId, publicKey: key.publicKey });
  });

  it("is named by the first 16 digits of the SHA-256 of its public half", () => {
    expect(key.keyId).toMatch(/^[0-9a-f]{16}$/);
    expect(keyIdOf(Buffer.from(key.publicKey, "base64"))).toBe(key.keyId);
  });

  it("is never overwritten", async () => {
    await expect(createPublisherKey(join(directory, "publisher.pem"))).rejects.toThrow(/exists already/);
  });

  it.each([0o640, 0o604, 0o660])("is refused with mode %o, with what to do", async (mode) => {
    const file = join(directory, `mode-${mode}.pem`);
    await createPublisherKey(file);
    await chmod(file, mode);
    await expect(loadPublisherKey(file)).rejects.toThrow(`chmod 600 ${file}`);
  });

  it("is refused when it is missing, not a key, or of another kind", async () => {
    const text = join(directory, "text.pem");
    await writeFile(text, "hello", { mode: 0o600 });
    const other = join(directory, "ed25519.pem");
    const pem = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" });
    await writeFile(other, pem, { mode: 0o600 });
    await expect(loadPublisherKey(join(directory, "none.pem"))).rejects.toThrow(/no such file/);
    await expect(loadPublisherKey(text)).rejects.toThrow(/holds no private key/);
    await expect(loadPublisherKey(other)).rejects.toThrow(/ed25519 key; packages are signed with ECDSA P-256/);
    await expect(loadPublisherKey(other)).rejects.toBeInstanceOf(PublisherKeyError);
  });
});

describe("a signed statement", () => {
  const payload = bytesOfText('{"model":"digits"}');

  it("is recognised as the key's", () => {
    expect(signerOf(signStatement("t", payload, key), [key])?.keyId).toBe(key.keyId);
  });

  it("is nobody's once one bit of payload, type or signature has changed", () => {
    const statement = signStatement("t", payload, key);
    const signature = statement.signatures[0]?.signature ?? new Uint8Array();
    const flipped = (bytes: Uint8Array, bit: number): Uint8Array =>
      bytes.map((byte, i) => (i === (bit >> 3) % bytes.length ? byte ^ (1 << (bit & 7)) : byte));
    expect(signerOf({ ...statement, payloadType: "u" }, [key])).toBeUndefined();
    fc.assert(
      fc.property(fc.nat(8 * 200), (bit) => {
        const changed = { ...statement, payload: flipped(payload, bit) };
        const resigned = { ...statement, signatures: [{ keyId: key.keyId, signature: flipped(signature, bit) }] };
        expect(signerOf(changed, [key])).toBeUndefined();
        expect(signerOf(resigned, [key])).toBeUndefined();
      }),
    );
  });

  it("is nobody's when another key claims the publisher's id", async () => {
    const stranger = await createPublisherKey(join(directory, "stranger.pem"));
    const forged = signStatement("t", payload, { keyId: key.keyId, privateKey: stranger.privateKey });
    expect(signerOf(forged, [key])).toBeUndefined();
    expect(signerOf(signStatement("t", payload, stranger), [key])).toBeUndefined();
  });

  it("does not verify under a key that is none", () => {
    const { signatures } = signStatement("t", payload, key);
    const signature = signatures[0]?.signature ?? new Uint8Array();
    expect(verifySignature("", preAuthEncoding("t", payload), signature)).toBe(false);
    expect(verifySignature("bm8ga2V5", preAuthEncoding("t", payload), signature)).toBe(false);
  });
});
