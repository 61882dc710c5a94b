import fc from "fast-check";
import { expect, test } from "vitest";
import { readServerSentEvents } from "../../../../control-plane/cli/server-sent-events.ts";

async function read(...chunks: readonly Uint8Array[]) {
  const events = [];
  for await (const event of readServerSentEvents(
    (async function* () {
      yield* chunks;
    })(),
  ))
    events.push(event);
  return events;
}

const stream =
  'id: 1\nevent: device.enrolled\ndata: {"seq":1,"text":"é"}\n\n: still here\n\nid: 2\r\ndata: a\r\ndata:b\r\n\r\ndata: cut off';
const expected = [
  { id: "1", data: '{"seq":1,"text":"é"}' },
  { id: "2", data: "a\nb" },
];

test("events are their id and their lines of data; comments and an unfinished event are none", async () => {
  expect(await read(Buffer.from(stream))).toEqual(expected);
});

test("it does not matter where the network cuts", async () => {
  const bytes = Buffer.from(stream);
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.integer({ min: 1, max: bytes.length - 1 })), async (cuts) => {
      const places = [0, ...cuts.sort((a, b) => a - b), bytes.length];
      const chunks = places.slice(1).map((end, i) => bytes.subarray(places[i] as number, end));
      expect(await read(...chunks)).toEqual(expected);
    }),
  );
});
