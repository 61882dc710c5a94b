import { describe, expect, it } from "vitest";

import { bytesOfText, textOfBytes } from "../../../proto/bytes.ts";
import { decodeEnvelope, preAuthEncoding } from "../../../proto/statements.ts";

describe("the pre-authentication encoding", () => {
  it("is that of the DSSE protocol's test vector", () => {
    const encoded = preAuthEncoding("http://example.com/HelloWorld", bytesOfText("hello world"));
    expect(textOfBytes(encoded)).toBe("DSSEv1 29 http://example.com/HelloWorld 11 hello world");
  });

  it("counts bytes, not characters", () => {
    expect(textOfBytes(preAuthEncoding("ä", bytesOfText("ö")))).toBe("DSSEv1 2 ä 2 ö");
  });
});

describe("an envelope", () => {
  it("names every mistake", () => {
    const envelope = { payload: "%%", signatures: [{ sig: 1 }] };
    expect(decodeEnvelope(bytesOfText(JSON.stringify(envelope)))).toEqual({
      ok: false,
      problems: [
        "payloadType: must be text",
        "payload: must be base64",
        "signatures[0].keyid: must be text",
        "signatures[0].sig: must be base64",
      ],
    });
  });
});
