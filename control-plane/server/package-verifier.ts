import { createPublicKey } from "node:crypto";
import { decoded, undecodable } from "../../proto/problems.ts";
import type { PackageVerifier } from "../application/model-catalogue.ts";
import { keyIdOf } from "../packaging/publisher-key.ts";
import { verifyPackage } from "../packaging/verify-package.ts";

/** Packaging, as the catalogue needs it. */
export const packageVerifier: PackageVerifier = {
  verify: verifyPackage,
  readPublicKey(publicKey) {
    try {
      const key = createPublicKey({ key: Buffer.from(publicKey, "base64"), type: "spki", format: "der" });
      if (key.asymmetricKeyDetails?.namedCurve !== "prime256v1")
        return undecodable([`it is a ${key.asymmetricKeyType ?? "secret"} key; packages are signed with ECDSA P-256`]);
      const spki = key.export({ type: "spki", format: "der" });
      return decoded({ keyId: keyIdOf(spki), publicKey: spki.toString("base64") });
    } catch {
      return undecodable(["it is no SubjectPublicKeyInfo in base64"]);
    }
  },
};
