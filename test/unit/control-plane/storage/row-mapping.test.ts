import { expect, test } from "vitest";
import { fromJson } from "../../../../control-plane/storage/row-mapping.ts";

const profile = JSON.stringify({ architecture: "arm64" });
const report = (n: number, characters: number) => JSON.stringify({ n, text: "x".repeat(characters) });

test("a text is parsed once for the ten thousand devices of a fleet, whose reports are read in between", () => {
  const first = fromJson(profile);
  const reports = Array.from({ length: 10_000 }, (_, n) => report(n, 600));
  const values = reports.map((text) => fromJson(text));
  expect(fromJson(profile)).toBe(first);
  for (const [n, text] of reports.entries()) expect(fromJson(text)).toBe(values[n]);
});

test("a device that says something else every time has no more kept of it than some megabytes", () => {
  const first = report(0, 8_000);
  const value = fromJson(first);
  for (let n = 1; n < 2 * 2_100; n++) fromJson(report(n, 8_000));
  expect(fromJson(first)).toEqual(value);
  expect(fromJson(first)).not.toBe(value);
});
