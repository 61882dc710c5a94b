import { describe, expect, it } from "vitest";
import {
  accuracyMetric,
  agreementMetric,
  errorRateMetric,
} from "../../../../../control-plane/packaging/evaluation/class-metrics.ts";
import { metricOver, scores } from "../../../../support/judged-samples.ts";

const cat = scores([0.1, 0.7, 0.2]);
const dog = scores([0.1, 0.2, 0.7]);
const labels = ["bird", "cat", "dog"];

describe("agreement", () => {
  it("is the share of samples that get the class of the most exact variant", () => {
    const samples = [
      { outputs: cat, reference: cat },
      { outputs: cat, reference: dog },
      { outputs: dog, reference: dog },
      { outputs: dog, reference: dog },
    ];
    expect(metricOver(agreementMetric("scores"), samples)).toBe(0.75);
  });

  it("counts a class that is not a number as another one", () => {
    const broken = scores([Number.NaN, 1, 0]);
    expect(metricOver(agreementMetric("scores"), [{ outputs: broken, reference: cat }])).toBe(0);
  });

  it("does not take two variants that answer no numbers for agreeing", () => {
    const broken = scores([Number.NaN, 1, 0]);
    expect(metricOver(agreementMetric("scores"), [{ outputs: broken, reference: broken }])).toBe(0);
  });

  it("is no number where nothing was judged", () => {
    expect(metricOver(agreementMetric("scores"), [])).toBeNaN();
  });
});

describe("accuracy", () => {
  it("takes labels by their index and by their name", () => {
    const samples = [
      { outputs: cat, label: 1 },
      { outputs: cat, label: "cat" },
      { outputs: cat, label: "bird" },
      { outputs: dog, label: 0 },
    ];
    expect(metricOver(accuracyMetric("scores", labels), samples)).toBe(0.5);
    expect(metricOver(errorRateMetric("scores", labels), samples)).toBe(0.5);
  });

  it.each([
    ["a sample without a label", undefined, "sample 0 has no label"],
    ["the name of no class", "fish", 'sample 0 has the label "fish", which is none of bird, cat, dog'],
    ["an index beyond the classes", 3, 'sample 0 has the label "3", which is none of bird, cat, dog'],
    ["half an index", 0.5, 'sample 0 has the label "0.5", which is none of bird, cat, dog'],
  ])("refuses %s, with its name", (_what, label, message) => {
    expect(() => metricOver(accuracyMetric("scores", labels), [{ outputs: cat, label }])).toThrow(message);
  });

  it("counts an answer that is no number as wrong", () => {
    const samples = [{ outputs: scores([0, Number.NaN, 1]), label: 1 }];
    expect(metricOver(accuracyMetric("scores", labels), samples)).toBe(0);
    expect(metricOver(errorRateMetric("scores", labels), samples)).toBe(1);
  });

  it("refuses a model without the output", () => {
    const samples = [{ outputs: cat, label: 1 }];
    expect(() => metricOver(accuracyMetric("logits", labels), samples)).toThrow(
      'sample 0: there is no output "logits"',
    );
  });
});
