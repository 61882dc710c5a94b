import { describe, expect, it } from "vitest";
import {
  characterErrorRateMetric,
  editDistance,
  readText,
  wordErrorRateMetric,
} from "../../../../../control-plane/packaging/evaluation/text-metrics.ts";
import { tensorValue } from "../../../../../proto/tensor-value.ts";
import { metricOver, scores } from "../../../../support/judged-samples.ts";

const alphabet = ["", "c", "a", "t", " ", "𝄞"];
const reading = { output: "scores", alphabet, blank: 0 };

/** Scores that read as these symbols, "-" for the blank. */
function steps(text: string) {
  return scores(
    ...Array.from(text, (symbol) => alphabet.map((other) => (other === (symbol === "-" ? "" : symbol) ? 0.9 : 0.1))),
  );
}

describe("reading a text from scores", () => {
  it.each([
    ["cc-aa-t", "cat"],
    ["cca-at", "caat"],
    ["---", ""],
    ["𝄞-𝄞", "𝄞𝄞"],
  ])("reads %s as %j: repetitions and blanks are left out", (shown, text) => {
    const [tensor] = steps(shown);
    expect(readText(tensorValue(tensor!), reading)).toBe(text);
  });

  it("takes any symbol for the blank", () => {
    const last = { output: "scores", alphabet: ["a", "b", ""], blank: 2 };
    const [tensor] = scores([0.9, 0, 0], [0, 0, 0.9], [0.9, 0, 0], [0, 0.9, 0]);
    expect(readText(tensorValue(tensor!), last)).toBe("aab");
  });

  it("refuses an alphabet of another size than the scores", () => {
    const [tensor] = scores([0.1, 0.9]);
    expect(() => readText(tensorValue(tensor!), reading)).toThrow(
      "the model gives scores for 2 symbols; the alphabet has 6",
    );
  });
});

describe("edit distance", () => {
  it.each([
    ["kitten", "sitting", 3],
    ["", "abc", 3],
    ["abc", "", 3],
    ["flaw", "lawn", 2],
    ["same", "same", 0],
  ])("of %j and %j is %i", (a, b, distance) => {
    expect(editDistance(Array.from(a), Array.from(b))).toBe(distance);
  });
});

describe("character error rate", () => {
  it("counts wrong, missing and added characters for each character of the labels", () => {
    const samples = [
      { outputs: steps("cat"), label: "cat" },
      { outputs: steps("ca"), label: "cat" },
      { outputs: steps("t𝄞"), label: "tt" },
    ];
    expect(metricOver(characterErrorRateMetric(reading), samples)).toBe(2 / 8);
  });

  it("counts a symbol outside the basic plane as one", () => {
    expect(metricOver(characterErrorRateMetric(reading), [{ outputs: steps("a"), label: "𝄞" }])).toBe(1);
  });

  it("can be more than one: a model may read more than there is", () => {
    expect(metricOver(characterErrorRateMetric(reading), [{ outputs: steps("catc"), label: "t" }])).toBe(3);
  });

  it("is no number where nothing was judged", () => {
    expect(metricOver(characterErrorRateMetric(reading), [])).toBeNaN();
  });

  it("does not count spaces at the ends", () => {
    expect(metricOver(characterErrorRateMetric(reading), [{ outputs: steps(" a "), label: "a" }])).toBe(0);
  });

  it("refuses a sample without a text", () => {
    expect(() => metricOver(characterErrorRateMetric(reading), [{ outputs: steps("a"), label: 3 }])).toThrow(
      "sample 0 has no text as its label",
    );
  });
});

describe("word error rate", () => {
  it("counts whole words", () => {
    expect(metricOver(wordErrorRateMetric(reading), [{ outputs: steps("cat a"), label: "cat at tat act" }])).toBe(
      3 / 4,
    );
  });
});
