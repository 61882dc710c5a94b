import { describe, expect, it } from "vitest";
import { createDelta } from "../../../../control-plane/packaging/delta/create-delta.ts";
import { brotliAtOnce } from "../../../../edge-agent/adapters/memory/brotli-at-once.ts";
import { memoryDisk } from "../../../../edge-agent/adapters/memory/memory-disk.ts";
import { memoryFileStore } from "../../../../edge-agent/adapters/memory/memory-file-store.ts";
import { VirtualClock } from "../../../../edge-agent/adapters/memory/virtual-clock.ts";
import { nodeCrypto } from "../../../../edge-agent/adapters/node/node-crypto.ts";
import type { ModelState, Slot } from "../../../../edge-agent/core/agent-state.ts";
import { deltaBaseOf, downloadAsDelta } from "../../../../edge-agent/core/delta-download.ts";
import { emptyModel } from "../../../../edge-agent/core/slots.ts";
import type { DeltaAnswer } from "../../../../proto/messages.ts";
import { silentLog } from "../../../support/agent-world.ts";
import { aTrainedFile } from "../../../support/delta-files.ts";
import { aModel, aVersion, digestOf } from "../../../support/messages.ts";
import { sha256Of } from "../../../support/packages.ts";

const base = aTrainedFile(0);
const target = aTrainedFile(1e-5);
const delta = createDelta(base, target).bytes;
const file = { digest: sha256Of(target), size: target.length };
const named = (bytes: Uint8Array) => ({ digest: sha256Of(bytes), size: bytes.length });
const ready = (bytes: Uint8Array): DeltaAnswer => ({ kind: "ready", file: named(bytes) });

interface Setting {
  /** What the control plane says, one after the other; the last again and again. */
  readonly answers?: readonly (DeltaAnswer | Error)[];
  /** What is sent under the name of the delta. */
  readonly sent?: Uint8Array;
  readonly onBase?: Uint8Array;
  readonly partial?: Uint8Array;
  readonly capacityBytes?: number;
}

/** A device that has `base` under its name, asks for `target`, and fetches files 1,000 bytes at a time. */
function aDeviceWithBase(setting: Setting = {}) {
  const { answers = [ready(delta)], sent = delta, onBase = base, partial, capacityBytes } = setting;
  const disk = memoryDisk("1-a", capacityBytes);
  disk.files.set(sha256Of(base), onBase);
  if (partial !== undefined) disk.partials.set(file.digest, partial);
  const clock = new VirtualClock();
  const world = { disk, clock, asked: 0, fetched: 0, written: 0 };
  const files = memoryFileStore(disk);
  const ports = {
    clock,
    crypto: nodeCrypto,
    log: silentLog,
    claim: async () => {},
    pace: { pay: async () => {} },
    files: {
      ...files,
      receive: async (...[digest, size]: Parameters<typeof files.receive>) => {
        const received = await files.receive(digest, size);
        const append = async (bytes: Uint8Array) => {
          if (digest === file.digest) world.written += bytes.length;
          await received.append(bytes);
        };
        return { ...received, append, [Symbol.asyncDispose]: () => received[Symbol.asyncDispose]() };
      },
    },
    sources: [
      {
        name: "a source",
        async *fetch(_digest: string, offset: number) {
          for (let at = offset; at < sent.length; at += 1_000) {
            world.fetched += Math.min(1_000, sent.length - at);
            yield sent.subarray(at, at + 1_000);
          }
        },
      },
    ],
    deltas: {
      sources: [
        {
          async find() {
            const answer = answers[Math.min(world.asked++, answers.length - 1)] as DeltaAnswer | Error;
            if (answer instanceof Error) throw answer;
            return answer;
          },
        },
      ],
      decompress: brotliAtOnce,
    },
  };
  const run = async (signal = new AbortController().signal) => {
    const done = downloadAsDelta(file, sha256Of(base), ports, [10, 20, 40][Symbol.iterator](), signal);
    done.catch(() => undefined);
    await clock.advance(600_000);
    await done;
  };
  return Object.assign(world, { ports, run, content: () => disk.files.get(file.digest) });
}

/** The base as it was, and nothing else: what is fetched whole next starts from the first byte. */
function expectUntouched({ disk }: { readonly disk: ReturnType<typeof memoryDisk> }) {
  expect([...disk.files.keys()]).toEqual([sha256Of(base)]);
  expect([...disk.partials].filter(([, bytes]) => bytes.length > 0)).toEqual([]);
}

describe("a file that comes as a delta", () => {
  it("is made out of the one that is there, and the delta is removed", async () => {
    const device = aDeviceWithBase();
    await device.run();
    expect(device.content()).toEqual(target);
    expect([...device.disk.files.keys()]).toEqual([sha256Of(base), file.digest]);
    expect([...device.disk.partials.keys()]).toEqual([]);
    expect(device.fetched).toBe(delta.length);
    expect(delta.length).toBeLessThan(0.6 * target.length);
  });

  it("is waited for while it is being made, but not for ever", async () => {
    const patient = aDeviceWithBase({ answers: [{ kind: "being-made", retryAfterMs: 30_000 }, ready(delta)] });
    await patient.run();
    expect([patient.asked, patient.content() !== undefined]).toEqual([2, true]);
    const inVain = aDeviceWithBase({ answers: [{ kind: "being-made", retryAfterMs: 60_000 }] });
    await inVain.run();
    expect(inVain.asked).toBe(6);
    expectUntouched(inVain);
  });

  it.each<[string, Setting]>([
    ["the control plane has none", { answers: [{ kind: "none" }] }],
    ["the control plane cannot be asked", { answers: [new Error("connection refused")] }],
    ["it is no smaller than the file", { answers: [{ kind: "ready", file: named(target) }] }],
    ["other bytes come under its name", { sent: delta.map((byte, i) => (i === 500 ? byte ^ 1 : byte)) }],
    ["it ends too early", { sent: delta.subarray(0, 900) }],
    ["the base on the disk is damaged", { onBase: base.map((byte, i) => (i === 5_000 ? byte ^ 1 : byte)) }],
    ["the base on the disk is too short", { onBase: base.subarray(1) }],
  ])("leaves nothing behind where %s", async (_what, setting) => {
    const device = aDeviceWithBase(setting);
    await device.run();
    expectUntouched(device);
  });

  it.each<[string, Uint8Array]>([
    ["is no delta at all", Buffer.from("anything but a delta")],
    ["is made for another file", createDelta(base, base).bytes],
    ["breaks off in its coded runs", cutOff(delta, 2_000)],
    ["gives other bytes than it says", changedAt(delta, delta.length - 1_000)],
  ])("leaves nothing behind where what has the right digest %s", async (_what, bytes) => {
    const device = aDeviceWithBase({ answers: [ready(bytes)], sent: bytes });
    await device.run();
    expectUntouched(device);
  });

  it("is left to the whole file where there is no room for both", async () => {
    const device = aDeviceWithBase({ capacityBytes: base.length + target.length + 100 });
    await device.run();
    expect(device.content()).toBeUndefined();
    expect(device.disk.files.has(sha256Of(delta))).toBe(false);
  });

  it("goes on where it was stopped: neither fetched nor written twice", async () => {
    const device = aDeviceWithBase({ partial: target.slice(0, 30_000) });
    device.disk.files.set(sha256Of(delta), delta);
    await device.run();
    expect(device.content()).toEqual(target);
    expect([device.fetched, device.written]).toEqual([0, target.length - 30_000]);
  });

  it("is kept for later by an agent that stops", async () => {
    const device = aDeviceWithBase();
    const stop = new AbortController();
    const whole = device.ports.sources[0] as (typeof device.ports.sources)[number];
    device.ports.sources[0] = {
      ...whole,
      async *fetch(digest, offset) {
        for await (const bytes of whole.fetch(digest, offset)) {
          stop.abort(new Error("stopping"));
          yield bytes;
        }
      },
    };
    await expect(device.run(stop.signal)).rejects.toThrow("stopping");
    expect(device.disk.files.has(sha256Of(delta)) || device.disk.partials.has(sha256Of(delta))).toBe(true);
    expect(device.disk.files.has(sha256Of(base))).toBe(true);
  });

  it("is made from the first byte where a power cut has spoilt what was there", async () => {
    const device = aDeviceWithBase({ partial: new Uint8Array(30_000) });
    await device.run();
    expect(device.content()).toEqual(target);
    expect(device.fetched).toBe(delta.length);
  });

  it("is not worth it where nearly all of the file has come already", async () => {
    const device = aDeviceWithBase({ partial: target.slice(0, -1_000) });
    await device.run();
    expect(device.fetched).toBe(0);
    expect(device.disk.partials.get(file.digest)?.length).toBe(target.length - 1_000);
  });
});

describe("the base of a delta", () => {
  const slot = (byte: number): Slot => ({
    version: aVersion,
    package: digestOf(9),
    variant: "a",
    file: digestOf(byte),
  });
  const state = (slots: Partial<ModelState>): ModelState => ({
    ...emptyModel(aModel),
    ...slots,
  });

  it("is the model that serves, else the one before it, else there is none", () => {
    expect(deltaBaseOf(state({ active: slot(1), previous: slot(2) }))).toBe(digestOf(1));
    expect(deltaBaseOf(state({ previous: slot(2) }))).toBe(digestOf(2));
    expect(deltaBaseOf(state({}))).toBeUndefined();
    expect(deltaBaseOf(undefined)).toBeUndefined();
  });
});

/** The last bytes taken away, and the head adjusted. */
function cutOff(bytes: Uint8Array, count: number): Uint8Array {
  const shorter = Buffer.from(bytes.subarray(0, -count));
  shorter.writeUInt32LE(shorter.readUInt32LE(88) - count, 88);
  return shorter;
}

function changedAt(bytes: Uint8Array, place: number): Uint8Array {
  return bytes.map((byte, i) => (i === place ? byte ^ 0x55 : byte));
}
