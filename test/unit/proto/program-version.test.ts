import { expect, it } from "vitest";
import { isAtLeast, isProgramVersion } from "../../../proto/program-version.ts";

it.each([
  ["1.10.0", "1.9", true],
  ["1.9", "1.10.0", false],
  ["1.2", "1.2.0", true],
  ["2.0.0-rc.1", "2.0.0", false],
  ["2.0.0", "2.0.0-rc.1", true],
  ["2.0.1-rc.1", "2.0.0", true],
  ["unknown", "0", false],
] as const)("%s is at least %s: %s", (version, least, answer) => {
  expect(isAtLeast(version, least)).toBe(answer);
});

it.each([
  ["0.1.0", true],
  ["1.30.0-dev.2026", true],
  ["v1", false],
  ["", false],
  ["1..2", false],
] as const)("%j is a version of a program: %s", (text, answer) => {
  expect(isProgramVersion(text)).toBe(answer);
});
