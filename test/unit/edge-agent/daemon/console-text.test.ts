import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { asciiOf, sizeText, wrapped } from "../../../../edge-agent/daemon/console-text.ts";

describe("text for a serial console", () => {
  it("shows what is not printable ASCII by its code, so that no name moves the cursor", () => {
    expect(asciiOf("a\u001b[2Jb\u00e9\u2026")).toBe("a\\u{1b}[2Jb\\u{e9}...");
  });

  it("breaks between words, and keeps the lines below the first", () => {
    expect(wrapped("name: ", "one two three four", 20)).toEqual(["name: one two three", "      four"]);
  });

  it("loses no word and never leaves the line, whatever the text", () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 0, max: 40 }), (text, indent) => {
        const lines = wrapped(" ".repeat(indent), text, 60);
        expect(lines.every((line) => line.length <= Math.max(60, indent + 16) && /^[ -~]*$/.test(line))).toBe(true);
        expect(lines.join("").replaceAll(" ", "")).toBe(asciiOf(text).replaceAll(" ", ""));
      }),
    );
  });

  it("gives sizes in three digits at most", () => {
    expect([0, 999, 1_000, 12_345_678, 999_000_000, 64e12].map(sizeText)).toEqual([
      "0 B",
      "999 B",
      "1.0 kB",
      "12.3 MB",
      "999 MB",
      "64.0 TB",
    ]);
  });
});
