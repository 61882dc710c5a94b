import { describe, expect, test } from "vitest";
import { labelChangesSchema, labelsSchema } from "../../../../control-plane/http/labels-schema.ts";

describe("labels", () => {
  test.each([{}, { site: "lyon" }, { "plant/line": "A 7" }, { site: "Orléans" }])("%j are labels", (labels) => {
    expect(labelsSchema.parse(labels)).toEqual(labels);
  });

  test.each([
    ["an empty key", { "": "x" }],
    ["an equals sign in a key", { "a=b": "x" }],
    ["a key that selectors read from the device", { hardware: "x" }],
    ["an empty value", { site: "" }],
    ["a control character", { site: "\u001B[2J" }],
    ["a long value", { site: "x".repeat(129) }],
    ["a number", { site: 7 }],
    ["too many", Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`k${i}`, "v"]))],
  ])("%s is refused", (_what, labels) => {
    expect(labelsSchema.safeParse(labels).success).toBe(false);
  });

  test("a change may take a label away", () => {
    expect(labelChangesSchema.parse({ site: null })).toEqual({ site: null });
  });
});
