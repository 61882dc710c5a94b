import { expect, test } from "vitest";
import type { FleetEvent } from "../../../../control-plane/application/ports.ts";
import { followEvents } from "../../../../control-plane/http/follow-events.ts";

/** An event log in an array. */
function eventLog() {
  const events: FleetEvent[] = [];
  const listeners = new Set<() => void>();
  return {
    listeners,
    add(count = 1) {
      for (let i = 0; i < count; i++)
        events.push({ seq: events.length + 1, atMs: 0, kind: "test", device: undefined, rollout: undefined, text: "" });
      for (const listener of listeners) listener();
    },
    after: (seq: number, limit: number) => Promise.resolve(events.filter((event) => event.seq > seq).slice(0, limit)),
    onAdded(listener: () => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

async function take(stream: AsyncIterator<FleetEvent | "heartbeat", void>, count: number) {
  const taken: (number | "heartbeat")[] = [];
  while (taken.length < count) {
    const { value } = await stream.next();
    if (value !== undefined) taken.push(value === "heartbeat" ? value : value.seq);
  }
  return taken;
}

test("tells what is there after the number, then what comes, each once and in order", async () => {
  const log = eventLog();
  log.add(3);
  const stream = followEvents(log, 1, 60_000, new AbortController().signal);
  expect(await take(stream, 2)).toEqual([2, 3]);
  const next = take(stream, 2);
  log.add();
  log.add();
  expect(await next).toEqual([4, 5]);
  await stream.return();
  expect(log.listeners.size).toBe(0);
});

test("an event that is added while the last one is being told is not lost", async () => {
  const log = eventLog();
  log.add();
  const stream = followEvents(log, 0, 60_000, new AbortController().signal);
  expect(await take(stream, 1)).toEqual([1]);
  log.add(2);
  expect(await take(stream, 2)).toEqual([2, 3]);
  await stream.return();
});

test("a long past comes in pieces, without a hole", async () => {
  const log = eventLog();
  log.add(950);
  const stream = followEvents(log, 0, 60_000, new AbortController().signal);
  expect(await take(stream, 950)).toEqual(Array.from({ length: 950 }, (_, i) => i + 1));
  await stream.return();
});

test("silence is filled with heartbeats", async () => {
  const stream = followEvents(eventLog(), 0, 1, new AbortController().signal);
  expect(await take(stream, 2)).toEqual(["heartbeat", "heartbeat"]);
  await stream.return();
});

test("an aborted signal ends it and takes the listener away", async () => {
  const log = eventLog();
  const ended = new AbortController();
  const stream = followEvents(log, 0, 60_000, ended.signal);
  const next = stream.next();
  ended.abort();
  expect(await next).toEqual({ done: true, value: undefined });
  expect(log.listeners.size).toBe(0);
});
