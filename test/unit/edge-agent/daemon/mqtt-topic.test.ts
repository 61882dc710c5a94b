import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  answerTopicFor,
  isAnswerTopic,
  isTopicFilter,
  topicsOverlap,
} from "../../../../edge-agent/daemon/mqtt-topic.ts";

describe("topics", () => {
  it.each([
    ["door/camera", "door/camera", true],
    ["door/+", "door/camera", true],
    ["door/+", "door", false],
    ["door/+", "door/", true],
    ["door/+", "door/camera/answer", false],
    ["door/#", "door/camera/answer", true],
    ["door/#", "door", true],
    ["#", "anything/at/all", true],
    ["+/+", "/camera", true],
    ["door", "door/camera", false],
    ["+/door/#", "answer/+/door/#", true],
    ["door/+", "door/+/answer", false],
    ["a/#", "b/#/a", false],
  ])("%s and %s have one in common: %s", (filter, topic, expected) => {
    expect(topicsOverlap(filter, topic)).toBe(expected);
  });

  it("have + and # as levels of their own, # as the last", () => {
    for (const filter of ["#", "+", "a/+/b", "a/#", "/", "a//b"]) expect(isTopicFilter(filter)).toBe(true);
    for (const filter of ["", "a+", "a/#/b", "#a", "a/b#", "x".repeat(1_025)])
      expect(isTopicFilter(filter)).toBe(false);
    expect([isAnswerTopic("a/{topic}"), isAnswerTopic("a/+"), isAnswerTopic("")]).toEqual([true, false, false]);
  });

  it("of answers never come back as inputs, where the configuration takes them", () => {
    const level = fc.constantFrom("a", "b", "answer", "");
    const filter = fc
      .tuple(fc.array(fc.oneof(level, fc.constant("+")), { minLength: 1, maxLength: 3 }), fc.boolean())
      .map(([levels, isOpen]) => [...levels, ...(isOpen ? ["#"] : [])].join("/"));
    const template = fc.constantFrom("{topic}/answer", "answer/{topic}", "answer", "{topic}", "a/{topic}/b");
    const topic = fc.array(level, { minLength: 1, maxLength: 5 }).map((levels) => levels.join("/"));
    fc.assert(
      fc.property(filter, template, topic, (wanted, answers, from) => {
        fc.pre(isTopicFilter(wanted) && topicsOverlap(wanted, from));
        if (!topicsOverlap(wanted, answerTopicFor(answers, wanted)))
          expect(topicsOverlap(wanted, answerTopicFor(answers, from))).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });
});
