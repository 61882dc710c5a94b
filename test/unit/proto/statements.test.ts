import { describe, expect, it } from "vitest";

import { textOfBytes, bytesOfText } from "../../../proto/bytes.ts";
import { preAuthEncoding } from "../../../proto/statements.ts";

describe("the pre-authentication encoding", () => {
  it("is that of the DSSE protocol's test vector", () => {
    const encoded = preAuthEncoding("http://example.com/HelloWorld", bytesOfText("hello world"));
    expect(textOfBytes(encoded)).toBe("DSSEv1 29 http://example.com/HelloWorld 11 hello world");
  });

  it("counts bytes, not characters", () => {
    expect(textOfBytes(preAuthEncoding("ä", bytesOfText("ö")))).toBe("DSSEv1 2 ä 2 ö");
  });
});
