import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isSampleCondition, parseSampleCondition } from "../../../proto/sample-condition.ts";

const read = (text: string) => {
  const result = parseSampleCondition(text);
  return result.ok ? result.value : result.problems;
};

describe("a condition of inferences", () => {
  it.each([
    ["class = 7", { kind: "class", labels: ["7"] }],
    ['class in (3, "no entry")', { kind: "class", labels: ["3", "no entry"] }],
    ["confidence < 0.6", { kind: "below", stream: "output.confidence", limit: 0.6 }],
    ["value>-1e3", { kind: "above", stream: "output.value", limit: -1_000 }],
    ["brightness outside 0.1..0.9", { kind: "outside", stream: "input.brightness", low: 0.1, high: 0.9 }],
    ["input.confidence within -5..5", { kind: "within", stream: "input.confidence", low: -5, high: 5 }],
    ['"flow rate" is stuck', { kind: "found", stream: "input.flow rate", finding: "stuck" }],
    ["any is far-outside", { kind: "found", stream: undefined, finding: "far-outside" }],
    ['"any" is missing', { kind: "found", stream: "input.any", finding: "missing" }],
    ['"confidence" < 1', { kind: "below", stream: "input.confidence", limit: 1 }],
  ])("reads %s", (text, test) => {
    expect(read(text)).toEqual([test]);
    expect(isSampleCondition(text)).toBe(true);
  });

  it("is all of its tests together", () => {
    expect(read("class = 7 and confidence<0.6 and any is stuck")).toMatchObject([
      { kind: "class" },
      { kind: "below" },
      { kind: "found" },
    ]);
  });

  it.each([
    ["", ["column 1: a test is missing, such as confidence < 0.6"]],
    ["class = 7 and", ["column 14: a test is missing, such as confidence < 0.6"]],
    ["class", [expect.stringMatching(/^column 6: a test is NAME < NUMBER/)]],
    ["brightness = 3", ['column 1: only class is compared with words, and "brightness" with numbers']],
    ["class in 3, 8", [expect.stringMatching(/^column 7: classes are named/)]],
    ["class in ()", [expect.stringMatching(/^column 7: classes are named/)]],
    ["class in (3 8)", [expect.stringMatching(/^column 7: classes are named/)]],
    ["confidence < 0.6 0.7", ['column 18: one number follows "<"']],
    ["brightness outside 0.9..0.1", ['column 20: a range follows "outside", such as 0.1..0.9']],
    ["brightness outside 1..2..3", ['column 20: a range follows "outside", such as 0.1..0.9']],
    ["any is broken", ['column 8: after "is" stands one of far-outside, stuck, not-finite, missing']],
    ["(confidence < 0.6)", ['column 1: "(" is no name']],
    ['class = "7', ["column 9: this quotation mark is never closed"]],
    ["confidence ≤ 1", ['column 12: "≤" means nothing in a condition', expect.anything()]],
    ["confidence < NaN and any is", [expect.stringMatching(/^column 14: /), expect.stringMatching(/^column 28: /)]],
  ])("names the mistakes in %j", (text, problems) => {
    expect(read(text)).toEqual(problems);
    expect(isSampleCondition(text)).toBe(false);
  });

  it("is read or refused, whatever stands in it", () => {
    const words = fc.constantFrom(
      "class",
      "=",
      "in",
      "(",
      ",",
      ")",
      "and",
      "<",
      "0.5",
      "0..1",
      "is",
      "stuck",
      '"',
      "∀",
    );
    const texts = fc.oneof(
      fc.string(),
      fc.array(words, { maxLength: 12 }).map((some) => some.join(" ")),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const result = parseSampleCondition(text);
        expect(result.ok ? result.value.length : result.problems.length).toBeGreaterThan(0);
        expect(isSampleCondition(text)).toBe(result.ok);
      }),
    );
  });

  it("is not longer than a message may bring", () => {
    expect(read(`confidence < 0.${"6".repeat(600)}`)).toEqual(["615 characters are more than 512"]);
  });
});
