import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { verifySignature } from "../../../../control-plane/packaging/signing.ts";
import { openDirectorKey } from "../../../../control-plane/server/director-key.ts";
import { openOperatorToken } from "../../../../control-plane/server/operator-token.ts";
import { secretHasher } from "../../../../control-plane/server/secret-hasher.ts";
import { preAuthEncoding } from "../../../../proto/statements.ts";
import { anAssignment } from "../../../support/messages.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sedge-test-"));
  file = join(folder, "secret");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("the director's key is made once, private, and signs what devices can check", async () => {
  const made = await openDirectorKey(file, false);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const again = await openDirectorKey(file, true);
  expect(again.keyId).toBe(made.keyId);
  const { payloadType, payload, signatures } = again.sign(anAssignment());
  const signature = signatures[0]?.signature as Uint8Array;
  expect(verifySignature(made.publicKey, preAuthEncoding(payloadType, payload), signature)).toBe(true);
});

test("a director's key that is lost is not replaced behind the back of the devices", async () => {
  await expect(openDirectorKey(file, true)).rejects.toMatchObject({ name: "DirectorKeyError" });
});

test("a key that others can read, or that is none, is refused", async () => {
  await openDirectorKey(file, false);
  chmodSync(file, 0o644);
  await expect(openDirectorKey(file, false)).rejects.toMatchObject({ name: "ExposedFileError" });
  writeFileSync(file, "not a key");
  chmodSync(file, 0o600);
  await expect(openDirectorKey(file, false)).rejects.toMatchObject({ name: "DirectorKeyError" });
});

test("the operator's token is made once and is the only one that matches", async () => {
  await openOperatorToken(file);
  const token = readFileSync(file, "utf8").trim();
  const operator = await openOperatorToken(file);
  expect(operator.matches(token)).toBe(true);
  for (const wrong of ["", token.slice(1), `${token}x`, secretHasher.newSecret()])
    expect(operator.matches(wrong)).toBe(false);
  expect(Buffer.from(token, "base64url")).toHaveLength(32);
});
