import fc from "fast-check";
import { expect, it } from "vitest";
import { appliedDelta } from "../../control-plane/packaging/delta/apply-delta-file.ts";
import { createDelta } from "../../control-plane/packaging/delta/create-delta.ts";
import { modelOf, node, tensorValue } from "../../control-plane/packaging/onnx/build.ts";
import { encodeModel } from "../../control-plane/packaging/onnx/encode.ts";
import { onnxMessage } from "../../control-plane/packaging/onnx/schema.ts";
import type { DataTypeName } from "../../control-plane/packaging/onnx/tensor.ts";
import { rawTensor } from "../../control-plane/packaging/onnx/tensor.ts";
import { DeltaError } from "../../proto/delta/delta-error.ts";
import { deltaHeaderBytes } from "../../proto/delta/delta-header.ts";

const { signal } = new AbortController();

function inMemory(bytes: Uint8Array) {
  return {
    size: bytes.length,
    read: async (offset: number, length: number) => bytes.subarray(offset, offset + length),
  };
}

async function applied(base: Uint8Array, delta: Uint8Array): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of appliedDelta(inMemory(delta), inMemory(base), signal)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

interface Weight {
  readonly name: string;
  readonly type: DataTypeName;
  readonly values: ArrayBufferView;
}

function modelWith(weights: readonly Weight[]): Uint8Array {
  const initializer = weights.map(({ name, type, values }) =>
    rawTensor(name, [(values as unknown as ArrayLike<number>).length], type, values),
  );
  const graph = onnxMessage("Graph", {
    name: "g",
    node: [node("Identity", ["x"], ["y"])],
    initializer,
    input: [tensorValue("x", "float32", [1])],
    output: [tensorValue("y", "float32", [1])],
  });
  return encodeModel(modelOf(graph, "test"));
}

const float = fc.oneof(
  fc.float(),
  fc.constantFrom(0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-45, 3.4e38),
);
const floats = (length: number) =>
  fc.array(float, { minLength: length, maxLength: length }).map((all) => Float32Array.from(all));
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const halves = (length: number) =>
  fc.array(fc.nat(65_535), { minLength: length, maxLength: length }).map((all) => Uint16Array.from(all));
const integers = (length: number) =>
  fc.array(fc.integer(), { minLength: length, maxLength: length }).map((all) => Int32Array.from(all));

const weight = fc.integer({ min: 1, max: 60 }).chain((length) =>
  fc.record({
    name: fc.constantFrom("a", "b", "c", "d"),
    of: fc.oneof(
      fc.record({ type: fc.constant("float32" as const), values: floats(length) }),
      fc.record({ type: fc.constantFrom("int8" as const, "uint8" as const), values: bytes(length) }),
      fc.record({ type: fc.constantFrom("float16" as const, "bfloat16" as const), values: halves(length) }),
      fc.record({ type: fc.constant("int32" as const), values: integers(length) }),
    ),
  }),
);
const model = fc
  .uniqueArray(weight, { maxLength: 4, selector: ({ name }) => name })
  .map((weights) => modelWith(weights.map(({ name, of }) => ({ name, ...of }))));
const file = fc.oneof(model, fc.uint8Array({ maxLength: 400 }));

it("a delta gives the target back, byte for byte, whatever the two files are", async () => {
  await fc.assert(
    fc.asyncProperty(file, file, async (base, target) => {
      const delta = createDelta(base, target);
      expect(Buffer.compare(await applied(base, delta.bytes), target)).toBe(0);
      expect(Buffer.compare(createDelta(base, target).bytes, delta.bytes)).toBe(0);
    }),
    { numRuns: 150 },
  );
}, 60_000);

it("a model whose tensors moved, were renamed and changed a little travels as little", async () => {
  const values = Float32Array.from({ length: 20_000 }, (_, i) => Math.sin(i) / 10);
  const moved = values.map((value, i) => (i % 50 === 0 ? value + 1e-6 : value));
  const frozen = Int8Array.from({ length: 30_000 }, (_, i) => (i * 37) % 101);
  const base = modelWith([
    { name: "w", type: "float32", values },
    { name: "frozen", type: "int8", values: frozen },
  ]);
  const target = modelWith([
    { name: "frozen2", type: "int8", values: frozen },
    { name: "w2", type: "float32", values: moved },
  ]);
  const delta = createDelta(base, target);
  expect(delta.tensors.map(({ name, how }) => `${name} ${how}`)).toEqual(["frozen2 copied", "w2 difference"]);
  expect(delta.bytes.length).toBeLessThan(2_000);
  expect(Buffer.compare(await applied(base, delta.bytes), target)).toBe(0);
});

it("a damaged delta ends with a DeltaError, and never with more than the target", async () => {
  const values = Float32Array.from({ length: 2_000 }, (_, i) => Math.cos(i));
  const base = modelWith([{ name: "w", type: "float32", values }]);
  const target = modelWith([{ name: "w", type: "float32", values: values.map((value) => value * 1.01) }]);
  const { bytes: delta } = createDelta(base, target);
  await fc.assert(
    fc.asyncProperty(fc.nat(delta.length - 1), fc.integer({ min: 1, max: 255 }), async (place, change) => {
      const damaged = Uint8Array.from(delta);
      damaged[place] = (damaged[place] as number) ^ change;
      let made = 0;
      try {
        for await (const chunk of appliedDelta(inMemory(damaged), inMemory(base), signal)) made += chunk.length;
        // Bits that the coder never reads: the last bytes are there for it to look ahead.
        expect(place).toBeGreaterThanOrEqual(deltaHeaderBytes);
      } catch (error) {
        expect(error).toBeInstanceOf(DeltaError);
      }
      expect(made).toBeLessThanOrEqual(target.length);
    }),
    { numRuns: 300 },
  );
  for (let length = 0; length < delta.length; length += 7)
    await expect(applied(base, delta.subarray(0, length))).rejects.toThrow(DeltaError);
  await expect(applied(target, delta)).rejects.toThrow(/the base is/);
  const longer = Buffer.concat([delta, new Uint8Array(100)]);
  await expect(applied(base, longer)).rejects.toThrow(/says that it has/);
  longer.writeUInt32LE(longer.readUInt32LE(88) + 100, 88);
  await expect(applied(base, longer)).rejects.toThrow(/bytes that nothing takes/);
}, 60_000);
