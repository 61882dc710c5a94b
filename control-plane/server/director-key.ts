import type { KeyObject } from "node:crypto";
import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { encodeAssignment } from "../../proto/codec/assignment.ts";
import { payloadTypes } from "../../proto/statements.ts";
import type { DirectorSigner } from "../application/ports.ts";
import { keyIdOf } from "../packaging/publisher-key.ts";
import { signStatement } from "../packaging/signing.ts";
import { readPrivateFile, writePrivateFile } from "./private-file.ts";

export class DirectorKeyError extends Error {
  override readonly name = "DirectorKeyError";
}

/**
 * The control plane's own key, a P-256 key as PKCS#8 PEM. Devices learn it when they enrol and obey no other, so a new one is made
 * only for a control plane that has no devices yet.
 *
 * @throws DirectorKeyError, ExposedFileError
 */
export async function openDirectorKey(file: string, hasDevices: boolean): Promise<DirectorSigner> {
  const pem = await readPrivateFile(file);
  if (pem !== undefined) return signerWith(privateKeyOf(pem, file));
  if (hasDevices)
    throw new DirectorKeyError(
      `${file} is missing, and the devices that are enrolled obey no other key: restore it from a backup of the data directory`,
    );
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  await writePrivateFile(file, privateKey.export({ type: "pkcs8", format: "pem" }).toString());
  return signerWith(privateKey);
}

function privateKeyOf(pem: string, file: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch (cause) {
    throw new DirectorKeyError(`${file} holds no private key in PEM form: restore it from a backup`, { cause });
  }
  if (key.asymmetricKeyDetails?.namedCurve !== "prime256v1")
    throw new DirectorKeyError(`${file} holds another key than ECDSA P-256: restore it from a backup`);
  return key;
}

function signerWith(privateKey: KeyObject): DirectorSigner {
  const spki = createPublicKey(privateKey).export({ type: "spki", format: "der" });
  const keyId = keyIdOf(spki);
  return {
    keyId,
    publicKey: spki.toString("base64"),
    sign: (assignment) => signStatement(payloadTypes.assignment, encodeAssignment(assignment), { keyId, privateKey }),
  };
}
