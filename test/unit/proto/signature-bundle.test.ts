import { describe, expect, it } from "vitest";
import { bytesOfText, textOfBytes } from "../../../proto/bytes.ts";
import { limits } from "../../../proto/limits.ts";
import { decodeBundle, encodeBundle } from "../../../proto/signature-bundle.ts";

function decode(json: unknown) {
  return decodeBundle(bytesOfText(JSON.stringify(json)));
}

describe("a signature bundle", () => {
  it("is a Sigstore bundle around a DSSE envelope", () => {
    const signature = { keyId: "00ff", signature: Uint8Array.of(2) };
    const statement = { payloadType: "text", payload: Uint8Array.of(1), signatures: [signature] };
    expect(JSON.parse(textOfBytes(encodeBundle({ hint: "ab", statement })) ?? "")).toEqual({
      mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
      verificationMaterial: { publicKey: { hint: "ab" }, tlogEntries: [] },
      dsseEnvelope: { payloadType: "text", payload: "AQ==", signatures: [{ keyid: "00ff", sig: "Ag==" }] },
    });
  });

  it("names every mistake", () => {
    expect(decode({ mediaType: "x", dsseEnvelope: { payload: "%%", signatures: [{ sig: 1 }] } })).toEqual({
      ok: false,
      problems: [
        "mediaType: must be one of application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial: must be an object",
        "verificationMaterial.publicKey: must be an object",
        "verificationMaterial.publicKey.hint: must be text of 1 to 256 characters",
        "dsseEnvelope.payloadType: must be text of 1 to 256 characters",
        "dsseEnvelope.payload: must be base64",
        "dsseEnvelope.signatures[0].keyid: must be text of 1 to 256 characters",
        "dsseEnvelope.signatures[0].sig: must be base64",
      ],
    });
  });

  it("of the time when only the manifest was signed is recognised", () => {
    const old = decode({ payloadType: "application/vnd.sedge.package.v1+json", payload: "e30=", signatures: [] });
    expect(old).toEqual({ ok: false, problems: [expect.stringMatching(/earlier Sedge.*pack the model again/)] });
  });

  it("is not parsed when it is too large", () => {
    expect(decodeBundle(new Uint8Array(limits.bundleBytes + 1))).toEqual({
      ok: false,
      problems: [expect.stringMatching(/more than 1048576/)],
    });
  });
});
