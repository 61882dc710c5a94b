import { base64OfBytes, bytesOfBase64, bytesOfText, textOfBytes } from "./bytes.ts";
import { JsonReader } from "./json-reader.ts";
import { limits } from "./limits.ts";
import type { SignedStatement } from "./assignment-messages.ts";
import type { Decoded } from "./problems.ts";
import { decoded, Problems, undecodable } from "./problems.ts";

/**
 * The signature of a package as it is stored (the file `model.sig`) and travels: a Sigstore bundle v0.3 in JSON around a DSSE
 * envelope (github.com/sigstore/protobuf-specs, sigstore_bundle.proto). The SHA-256 of these bytes is the name of the package.
 */
export interface SignatureBundle {
  /**
   * SHA-256 of the public key's PEM text, in hexadecimal: how the Model Signing tools recognise the key. Nothing here believes it:
   * trusted keys are tried, and only the signature counts.
   */
  readonly hint: string;
  readonly statement: SignedStatement;
}

const mediaType = "application/vnd.dev.sigstore.bundle.v0.3+json";

export function encodeBundle({ hint, statement }: SignatureBundle): Uint8Array {
  return bytesOfText(
    JSON.stringify({
      mediaType,
      verificationMaterial: { publicKey: { hint }, tlogEntries: [] },
      dsseEnvelope: {
        payload: base64OfBytes(statement.payload),
        payloadType: statement.payloadType,
        signatures: statement.signatures.map(({ keyId, signature }) => ({
          sig: base64OfBytes(signature),
          keyid: keyId,
        })),
      },
    }),
  );
}

/** Every mistake is named; a package of the time before signature bundles is recognised and said to be one. */
export function decodeBundle(bytes: Uint8Array): Decoded<SignatureBundle> {
  if (bytes.length > limits.bundleBytes)
    return undecodable([`the signature has ${bytes.length} bytes, more than ${limits.bundleBytes}`]);
  const text = textOfBytes(bytes);
  if (text === undefined) return undecodable(["the signature is not UTF-8 text"]);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return undecodable([`the signature is not JSON: ${String(error)}`]);
  }
  if (isBareEnvelope(json))
    return undecodable([
      "the package was made by an earlier Sedge, which signed the manifest alone: pack the model again with this one",
    ]);
  const problems = new Problems();
  const root = new JsonReader(json, "", problems);
  root.field("mediaType").oneOf([mediaType]);
  const hint = root.field("verificationMaterial").field("publicKey").field("hint").text(256);
  const envelope = root.field("dsseEnvelope");
  const payloadType = envelope.field("payloadType").text(256);
  const payload = base64(envelope.field("payload"));
  const list = envelope.field("signatures").list(16);
  if (list.length === 0) problems.add("dsseEnvelope.signatures", "must have at least one entry");
  const signatures = list.map((signature) => ({
    keyId: signature.field("keyid").text(256),
    signature: base64(signature.field("sig")),
  }));
  return problems.any ? undecodable(problems.list) : decoded({ hint, statement: { payloadType, payload, signatures } });
}

/** Before version 0.2 a package was a DSSE envelope around its manifest, and nothing else. */
function isBareEnvelope(json: unknown): boolean {
  return (
    typeof json === "object" &&
    json !== null &&
    "payloadType" in json &&
    json.payloadType === "application/vnd.sedge.package.v1+json"
  );
}

function base64(reader: JsonReader): Uint8Array {
  const text = reader.textThat((found): found is string => bytesOfBase64(found) !== undefined, "base64");
  return bytesOfBase64(text) ?? new Uint8Array();
}
