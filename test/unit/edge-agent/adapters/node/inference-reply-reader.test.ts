import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { messageHead, tensorHead } from "../../../../../edge-agent/adapters/node/inference-messages.ts";
import {
  InferenceReplyReader,
  ReplyTooLargeError,
} from "../../../../../edge-agent/adapters/node/inference-reply-reader.ts";
import { ReplyFormatError } from "../../../../../edge-agent/adapters/node/read-inference-reply.ts";
import type { Tensor } from "../../../../../proto/tensors.ts";

const tensor: fc.Arbitrary<Tensor> = fc.uint8Array({ maxLength: 50 }).chain((rawData) =>
  fc.record({
    name: fc.string({ minLength: 1, maxLength: 8, unit: "grapheme" }),
    dataType: fc.constant("uint8" as const),
    dims: fc.constant([rawData.length]),
    rawData: fc.constant(rawData),
  }),
);

describe("replies of an inference process", () => {
  it("are whole, in whatever pieces the pipe delivers them", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(tensor, { maxLength: 3 }), { maxLength: 4 }),
        fc.integer({ min: 1, max: 200 }),
        (answers, pieceBytes) => {
          const sent = answers.flatMap((outputs, id) => {
            const bytes = outputs.reduce((sum, { rawData }) => sum + rawData.length, 0);
            const head = messageHead({ kind: "outputs", id, outputs: outputs.map(tensorHead) }, bytes);
            return [head, ...outputs.map(({ rawData }) => rawData)];
          });
          const stream = Buffer.concat(sent);
          const received: (readonly Tensor[])[] = [];
          const reader = new InferenceReplyReader(
            (reply) => {
              if (reply.kind === "outputs") received[reply.id] = reply.outputs;
            },
            () => 1_000,
          );
          for (let at = 0; at < stream.length; at += pieceBytes) reader.push(stream.subarray(at, at + pieceBytes));
          expect(received).toEqual(answers);
        },
      ),
    );
  });
});

/** What the process would send: any head, announced with any lengths. */
function announced(head: string, tensorBytes: number, headBytes = Buffer.byteLength(head)): Buffer {
  const prefix = Buffer.alloc(8);
  prefix.writeUInt32LE(headBytes, 0);
  prefix.writeUInt32LE(tensorBytes, 4);
  return Buffer.concat([prefix, Buffer.from(head)]);
}

const answerOf = (outputs: readonly unknown[]) => JSON.stringify({ kind: "outputs", id: 1, outputs });
const tensorOf = (changes: object) => ({ name: "y", dataType: "float32", dims: [1], size: 4, ...changes });

describe("a process that a model has got hold of", () => {
  const heard: unknown[] = [];
  const reader = (most: number) =>
    new InferenceReplyReader(
      (reply) => heard.push(reply),
      () => most,
    );

  it("cannot have room made for more than its model may answer, whole or in pieces", () => {
    const answer = announced(answerOf([tensorOf({ dims: [0xffff_ffff / 4], size: 0xffff_ffff })]), 0xffff_ffff);
    expect(() => reader(1_000).push(answer)).toThrow(ReplyTooLargeError);
    const piecewise = reader(1_000);
    piecewise.push(answer.subarray(0, 5));
    expect(() => piecewise.push(answer.subarray(5))).toThrow(
      "it announced 4294967295 bytes of outputs; the shapes that its package declares and runtime.memoryBudget allow 1000",
    );
    expect(() => reader(1_000).push(announced("", 0, 0xffff_ffff))).toThrow(ReplyTooLargeError);
    expect(heard).toEqual([]);
  });

  it.each([
    ["no JSON", announced("{", 0)],
    ["no reply", announced('{"kind":"sung"}', 0)],
    ["a tensor of another size than its shape makes", announced(answerOf([tensorOf({ dims: [3] })]), 4)],
    ["a shape that cannot be counted", announced(answerOf([tensorOf({ dims: [2 ** 40, 2 ** 40] })]), 4)],
    ["a type that there is not", announced(answerOf([tensorOf({ dataType: "string" })]), 4)],
    ["fewer tensors than bytes", announced(answerOf([]), 4)],
    ["bytes where there are none", announced('{"kind":"loaded"}', 4)],
  ])("is not believed: %s", (_, bytes) => {
    expect(() => reader(1_000).push(Buffer.concat([bytes, Buffer.alloc(4)]))).toThrow(ReplyFormatError);
    expect(heard).toEqual([]);
  });

  it("says what it likes: it is a reply, or it is refused", () => {
    const reply = fc.oneof(
      fc.jsonValue(),
      fc.record({ kind: fc.constant("outputs"), id: fc.nat(), outputs: fc.jsonValue() }),
    );
    fc.assert(
      fc.property(reply, fc.nat(16), (said, bytes) => {
        try {
          reader(1_000).push(Buffer.concat([announced(JSON.stringify(said), bytes), Buffer.alloc(bytes)]));
        } catch (error) {
          expect(error).toBeInstanceOf(ReplyFormatError);
        }
      }),
    );
  });
});
