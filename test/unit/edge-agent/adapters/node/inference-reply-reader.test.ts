import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { InferenceReply } from "../../../../../edge-agent/adapters/node/inference-messages.ts";
import { messageHead, tensorHead } from "../../../../../edge-agent/adapters/node/inference-messages.ts";
import { InferenceReplyReader, tensorsOf } from "../../../../../edge-agent/adapters/node/inference-reply-reader.ts";
import type { Tensor } from "../../../../../proto/tensors.ts";

const tensor: fc.Arbitrary<Tensor> = fc.uint8Array({ maxLength: 50 }).chain((rawData) =>
  fc.record({
    name: fc.string({ maxLength: 8, unit: "grapheme" }),
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
          const reader = new InferenceReplyReader((reply: InferenceReply, bytes) => {
            if (reply.kind === "outputs") received[reply.id] = tensorsOf(reply.outputs, bytes);
          });
          for (let at = 0; at < stream.length; at += pieceBytes) reader.push(stream.subarray(at, at + pieceBytes));
          expect(received).toEqual(answers);
        },
      ),
    );
  });
});
