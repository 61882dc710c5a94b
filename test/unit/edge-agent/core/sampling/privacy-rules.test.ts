import { expect, it } from "vitest";
import { withPrivacy } from "../../../../../edge-agent/core/sampling/privacy-rules.ts";
import type { PrivacyRule } from "../../../../../proto/assignment-messages.ts";
import type { Tensor } from "../../../../../proto/tensors.ts";
import { tensorValue } from "../../../../../proto/tensor-value.ts";

function floats(name: string, dims: readonly number[], values: readonly number[]): Tensor {
  return { name, dataType: "float32", dims, rawData: new Uint8Array(Float32Array.from(values).buffer) };
}

const person = floats("person", [1, 4], [41, 72.6, 3, -8]);
const hash = async (value: number) => (value * 0x9e3779b9) >>> 0;

async function treated(tensors: readonly Tensor[], rules: readonly PrivacyRule[]) {
  const out = await withPrivacy(tensors, rules, hash);
  return Object.fromEntries(out.map((tensor) => [tensor.name, Array.from(tensorValue(tensor).data)]));
}

it("lets nothing out for which there is no rule", async () => {
  expect(await treated([person], [])).toEqual({});
  expect(await treated([person], [{ tensor: "other", kind: "keep" }])).toEqual({});
});

it("treats each column as its own rule says, and drops a column without one", async () => {
  const rules: PrivacyRule[] = [
    { tensor: "*", kind: "keep" },
    { tensor: "person", column: 0, kind: "bin", edges: [18, 40, 65] },
    { tensor: "person", column: 1, kind: "round", step: 5 },
  ];
  expect(await treated([person], rules)).toEqual({ person: [2, 75, 0, 0] });
});

it("prefers the rule of a tensor to that of all", async () => {
  const rules: PrivacyRule[] = [
    { tensor: "*", kind: "keep" },
    { tensor: "person", kind: "drop" },
    { tensor: "person", column: 3, kind: "keep" },
  ];
  expect(await treated([person, floats("size", [1], [2])], rules)).toEqual({ person: [0, 0, 0, -8], size: [2] });
});

it("leaves out a tensor of which every column is dropped", async () => {
  const rules: PrivacyRule[] = [{ tensor: "person", column: 1, kind: "drop" }];
  expect(await treated([person], rules)).toEqual({});
});

it("makes of a value a number that says only whether two are the same", async () => {
  const rules: PrivacyRule[] = [{ tensor: "id", kind: "hash" }];
  const [a, b, c] = (await treated([floats("id", [3], [7, 8, 7])], rules))["id"] ?? [];
  expect(a).toBe(c);
  expect(a).not.toBe(b);
  expect(Number.isInteger(a)).toBe(true);
});

it("keeps a hash within the element type", async () => {
  const bytes: Tensor = { name: "id", dataType: "int8", dims: [2], rawData: Uint8Array.of(7, 8) };
  const out = await withPrivacy([bytes], [{ tensor: "id", kind: "hash" }], async () => 0xffff_ffff);
  expect(out[0]?.rawData).toEqual(Uint8Array.of(127, 127));
});

it("blurs an image with a box, planes and interleaved colours alike", async () => {
  const rules: PrivacyRule[] = [{ tensor: "image", kind: "blur", radius: 1 }];
  expect(await treated([floats("image", [1, 4], [0, 0, 9, 0])], rules)).toEqual({ image: [0, 3, 3, 4.5] });
  const interleaved = floats("image", [1, 4, 2], [0, 1, 0, 1, 9, 1, 0, 1]);
  expect(await treated([interleaved], rules)).toEqual({ image: [0, 1, 3, 1, 3, 1, 4.5, 1] });
});

it("keeps what is kept bit by bit", async () => {
  const large: Tensor = {
    name: "id",
    dataType: "int64",
    dims: [1],
    rawData: new Uint8Array(BigInt64Array.of(9_007_199_254_740_993n).buffer),
  };
  const [kept] = await withPrivacy([large], [{ tensor: "id", kind: "keep" }], hash);
  expect(kept?.rawData).toEqual(large.rawData);
  expect(kept?.rawData).not.toBe(large.rawData);
});
