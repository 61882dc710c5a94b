import { describe, expect, it } from "vitest";
import { tooHeavyAsJson } from "../../../../../edge-agent/daemon/inference-protocol/json-weight.ts";
import { readInferRequest } from "../../../../../edge-agent/daemon/inference-protocol/read-infer-request.ts";

const request = (entries: string) => Buffer.from(`{"inputs":[${entries}]}`);

describe("a body that would weigh too much as JSON", () => {
  it.each([
    ["empty objects", Buffer.from(`[${"{},".repeat(2_000_000)}{}]`), /2000002 lists and objects/],
    ["nested lists", Buffer.from("[".repeat(2_000_000)), /2000000 lists and objects/],
    ["one object of many fields", request(`{${'"a":0,'.repeat(100_000)}"b":0}`), /100002 fields/],
  ])("is not read: %s", (_, body, why) => {
    expect(readInferRequest(body, undefined)).toMatchObject({
      ok: false,
      problems: [expect.stringMatching(why) as string],
    });
  });

  it("is not what requests are: sixteen pictures as nested as their shape", () => {
    const line = `[${Array.from({ length: 224 }, () => "[0,128,255]").join()}]`;
    const picture = `[${Array.from({ length: 224 }, () => line).join()}]`;
    const data = `[${Array.from({ length: 16 }, () => picture).join()}]`;
    expect(tooHeavyAsJson(Buffer.from(data))).toBeUndefined();
  });
});
