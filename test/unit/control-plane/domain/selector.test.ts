import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { Selector } from "../../../../control-plane/domain/selector.ts";
import { formatSelector, matches } from "../../../../control-plane/domain/selector.ts";
import { parseSelector } from "../../../../control-plane/domain/selector-parser.ts";
import { aFleetDevice } from "../../../support/rollout-builders.ts";

const device = aFleetDevice("lyon-cam-1", {
  labels: { site: "lyon", hw: "cm4", "odd name": "a b" },
  hardware: "cm4",
  profile: {
    architecture: "arm64",
    operatingSystem: "linux 6.1",
    cpuFlags: [],
    memoryBytes: 1,
    runtimes: [],
    hardware: "rpi-5",
  },
});

function parsed(text: string): Selector {
  const result = parseSelector(text);
  if (!result.ok) throw new Error(result.problems.join("\n"));
  return result.value;
}

describe("a selector", () => {
  it.each([
    ["all", true],
    ["site=lyon", true],
    ["site=paris", false],
    ["site!=paris", true],
    ["site in (paris, lyon)", true],
    ["site not in (paris, lyon)", false],
    ["site=lyon and hw in (cm4, cm5) and not canary=no", true],
    ["site=paris or hw=cm4", true],
    ["site=paris or site=lyon and hw=cm5", false],
    ["(site=paris or site=lyon) and hw=cm4", true],
    ["not (site=lyon and hw=cm4)", false],
    ["not not site=lyon", true],
    ["device=lyon-cam-1", true],
    ["hardware=rpi-5", true],
    ["architecture in (arm64) and os=linux", true],
    ['"odd name"="a b"', true],
    ["floor=1", false],
    ["floor!=1 and floor not in (1, 2)", true],
  ])("%s", (text, expected) => {
    expect(matches(parsed(text), device)).toBe(expected);
  });

  it("takes the enrolled hardware while the device has not told its profile", () => {
    expect(matches(parsed("hardware=cm4"), { ...device, profile: undefined })).toBe(true);
  });

  it.each([
    ["", 'column 1: the selector is empty; write "all" for every device'],
    ["site", 'column 5: expected "=", "!=", "in" or "not in" after "site"'],
    ["site=", 'column 6: expected the value of "site"'],
    ["site=and", 'column 6: expected the value of "site"; "and" as a name is written in quotes'],
    ["site in lyon", 'column 9: expected "(" and values separated by ","'],
    ["site in (lyon paris)", 'column 15: expected "," or ")"'],
    ["site not lyon", 'column 10: expected "in" after "site not"'],
    ["(site=lyon", 'column 11: expected ")", "and" or "or"'],
    ["site=lyon)", 'column 10: ")" is unexpected here'],
    ["site=lyon hw=cm4", 'column 11: "hw" is unexpected here'],
    ['site="lyon', "column 6: this quotation mark is never closed"],
    ["site=lyon & all", 'column 11: "&" means nothing in a selector'],
    [`${"(".repeat(60)}all${")".repeat(60)}`, 'column 52: more than 50 levels of "(" and "not"'],
  ])("that is wrong is refused with the column: %s", (text, mistake) => {
    const result = parseSelector(text);
    expect(result.ok ? [] : result.problems[0]).toBe(mistake);
  });

  it("names every mistake, each with its column", () => {
    const result = parseSelector("site= and hw in () and (floor=1 or level) or and");
    expect(result.ok ? [] : result.problems.map((problem) => Number(problem.match(/column (\d+)/)?.[1]))).toEqual([
      7, 18, 41, 46, 49,
    ]);
  });

  it("is written so that it reads back as the same, and never makes the parser throw", () => {
    const word = fc.oneof(fc.stringMatching(/^[^"]{1,8}$/u), fc.constantFrom("and", "or", "not", "in", "all"));
    const choice = fc.record({
      kind: fc.constant("in" as const),
      key: word,
      values: fc.array(word, { minLength: 1, maxLength: 3 }),
    });
    const { selector } = fc.letrec<{ selector: Selector }>((tie) => {
      const two = fc.array(tie("selector"), { minLength: 2, maxLength: 3 });
      return {
        selector: fc.oneof(
          { maxDepth: 3, withCrossShrink: true },
          choice,
          fc.constant({ kind: "all" as const }),
          fc.record({ kind: fc.constant("not" as const), operand: tie("selector") }),
          fc.record({ kind: fc.constant("and" as const), operands: two }),
          fc.record({ kind: fc.constant("or" as const), operands: two }),
        ),
      };
    });
    fc.assert(
      fc.property(selector, (any) => {
        expect(parsed(formatSelector(any))).toEqual(any);
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(parseSelector(text)).toHaveProperty("ok");
      }),
    );
  });
});
