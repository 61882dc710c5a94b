import { expect, it } from "vitest";
import { formatPrivacyRule, readPrivacyRule } from "../../../../control-plane/cli/privacy-rule-text.ts";
import type { PrivacyRule } from "../../../../proto/assignment-messages.ts";

const rules: readonly (readonly [string, PrivacyRule])[] = [
  ["*=keep", { tensor: "*", kind: "keep" }],
  ["name=drop", { tensor: "name", kind: "drop" }],
  ["person[0]=hash", { tensor: "person", column: 0, kind: "hash" }],
  ["person[3]=round:0.5", { tensor: "person", column: 3, kind: "round", step: 0.5 }],
  ["person[1]=bin:-1,18,65.5", { tensor: "person", column: 1, kind: "bin", edges: [-1, 18, 65.5] }],
  ["image=blur:2", { tensor: "image", kind: "blur", radius: 2 }],
  ["serving_default:x=1=keep", { tensor: "serving_default:x=1", kind: "keep" }],
];

it.each(rules)("%s is read and written", (text, rule) => {
  expect(readPrivacyRule(text)).toEqual(rule);
  expect(formatPrivacyRule(rule)).toBe(text);
});

it.each([
  "",
  "image",
  "=keep",
  "image=",
  "image=blur",
  "image=blur:x",
  "image=keep:1",
  "image=bin:1,,2",
  "image=cut:1",
])("%s is refused with what to write", (text) => {
  expect(() => readPrivacyRule(text)).toThrow(/is no rule: write TENSOR=keep/);
});
