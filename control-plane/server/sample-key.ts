import type { KeyObject } from "node:crypto";
import {
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
} from "node:crypto";
import { decodeGoldenSet } from "../../proto/codec/golden.ts";
import { sampleSealAbout } from "../../proto/codec/sample.ts";
import type { DeviceId } from "../../proto/ids.ts";
import type { Sample, SealedPayload } from "../../proto/telemetry-messages.ts";
import type { GoldenCase } from "../../proto/tensors.ts";
import { pointOfSpki, sealing, sealingInfo } from "../../proto/sealing.ts";
import type { SampleOpener } from "../application/ports.ts";
import { readPrivateFile, writePrivateFile } from "./private-file.ts";

export class SampleKeyError extends Error {
  override readonly name = "SampleKeyError";
}

/**
 * The key for which devices seal samples: a P-256 key as PKCS#8 PEM. It is not the director's: who can read samples cannot move
 * devices by that, and either can be replaced alone. Without the file a new one is made; samples that were sealed for the old one can
 * then be read with its backup only.
 *
 * @throws SampleKeyError, ExposedFileError
 */
export async function openSampleKey(file: string): Promise<SampleOpener> {
  const pem = await readPrivateFile(file);
  if (pem !== undefined) return openerWith(privateKeyOf(pem, file));
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  await writePrivateFile(file, privateKey.export({ type: "pkcs8", format: "pem" }).toString());
  return openerWith(privateKey);
}

function privateKeyOf(pem: string, file: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch (cause) {
    throw new SampleKeyError(`${file} holds no private key in PEM form: restore it from a backup`, { cause });
  }
  if (key.asymmetricKeyDetails?.namedCurve !== "prime256v1")
    throw new SampleKeyError(`${file} holds another key than P-256: restore it from a backup`);
  return key;
}

function openerWith(privateKey: KeyObject): SampleOpener {
  const spki = createPublicKey(privateKey).export({ type: "spki", format: "der" });
  return {
    publicKey: spki.toString("base64"),
    open(device, sample) {
      try {
        return contentOf(privateKey, pointOfSpki(spki), device, sample);
      } catch {
        // Sealed for another key, changed on its way, or not from this device: the cipher does not say which.
        return undefined;
      }
    },
  };
}

function contentOf(
  privateKey: KeyObject,
  point: Uint8Array,
  device: DeviceId,
  { kind: _kind, sealed, ...head }: Sample,
): GoldenCase | undefined {
  const content = decodeGoldenSet(unsealed(privateKey, point, sealed, sampleSealAbout(device, head)));
  return content.ok ? content.value.cases[0] : undefined;
}

/** Throws where the seal does not hold. */
function unsealed(
  privateKey: KeyObject,
  point: Uint8Array,
  { ephemeralKey, ciphertext }: SealedPayload,
  about: Uint8Array,
): Uint8Array {
  const { keyBytes, nonceBytes, tagBytes } = sealing;
  const secret = diffieHellman({ privateKey, publicKey: publicKeyOfPoint(ephemeralKey) });
  const info = sealingInfo(ephemeralKey, point);
  const derived = Buffer.from(hkdfSync("sha256", secret, Buffer.alloc(0), info, keyBytes + nonceBytes));
  const cipher = createDecipheriv("aes-256-gcm", derived.subarray(0, keyBytes), derived.subarray(keyBytes), {
    authTagLength: tagBytes,
  });
  cipher.setAAD(about);
  cipher.setAuthTag(ciphertext.subarray(-tagBytes));
  return new Uint8Array(Buffer.concat([cipher.update(ciphertext.subarray(0, -tagBytes)), cipher.final()]));
}

function publicKeyOfPoint(point: Uint8Array): KeyObject {
  const coordinate = (from: number) => Buffer.from(point.subarray(from, from + 32)).toString("base64url");
  return createPublicKey({
    key: { kty: "EC", crv: "P-256", x: coordinate(1), y: coordinate(33) },
    format: "jwk",
  });
}
