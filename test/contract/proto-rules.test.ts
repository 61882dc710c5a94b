import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

const source = readFileSync(new URL("../../proto/sedge.proto", import.meta.url), "utf8").replaceAll(/\/\/.*/g, "");

describe("the .proto file", () => {
  it("has no 64-bit integers: protobufjs types them as number and hands out Long objects", () => {
    expect(source).not.toMatch(/\b[su]?(int|fixed)64\b|\bsfixed64\b/);
  });

  it("uses each field number once in a message", () => {
    for (const [, name, body] of source.matchAll(/message (\w+) \{((?:[^{}]|\{[^{}]*\})*)\}/g)) {
      const numbers = [...(body as string).matchAll(/=\s*(\d+)\s*;/g)].map((match) => match[1]);
      expect({ name, numbers: [...new Set(numbers)] }).toEqual({ name, numbers });
    }
  });
});
