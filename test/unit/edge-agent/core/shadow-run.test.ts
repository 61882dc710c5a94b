import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../../edge-agent/adapters/memory/seeded-random.ts";
import { VirtualClock } from "../../../../edge-agent/adapters/memory/virtual-clock.ts";
import { InferenceService } from "../../../../edge-agent/core/inference-service.ts";
import type { LoadedPackage } from "../../../../edge-agent/core/package-store.ts";
import type { InferenceWorker } from "../../../../edge-agent/core/ports.ts";
import { InferenceError } from "../../../../edge-agent/core/ports.ts";
import { parseModelVersion } from "../../../../proto/ids.ts";
import { nothingCompared, sumOfAgreements } from "../../../../proto/sketch/agreement.ts";
import type { Window } from "../../../../proto/telemetry-messages.ts";
import type { Tensor } from "../../../../proto/tensors.ts";
import { addingModel, column } from "../../../support/adding-model.ts";
import { silentLog } from "../../../support/agent-world.ts";
import { digestOf } from "../../../support/messages.ts";
import { noSampling } from "../../../support/no-sampling.ts";

const never = new AbortController().signal;

const valuesOf = (tensors: readonly Tensor[], name: string) => [
  ...new Float32Array(new Uint8Array(tensors.find((one) => one.name === name)?.rawData ?? new Uint8Array()).buffer),
];

/** `plus` is added to every sum that is answered, not to what is kept; the inferences of these numbers, from 1, fail. */
function anAdder(plus = 0, failing: ReadonlySet<number> = new Set()): InferenceWorker {
  let asked = 0;
  return {
    stopped: new Promise(() => undefined),
    infer: async (inputs) => {
      asked++;
      if (failing.has(asked)) throw new InferenceError("runtime", "it was to fail");
      const before = valuesOf(inputs, "before");
      const sums = valuesOf(inputs, "x").map((x, row) => x + (before[row] ?? 0));
      return [column("sum", ...sums.map((sum) => sum + plus)), column("total", ...sums)];
    },
    memoryBytes: async () => 0,
    [Symbol.asyncDispose]: async () => undefined,
  };
}

function aPackage(n: number, manifest = addingModel): LoadedPackage {
  const variant = manifest.variants[0] as LoadedPackage["variant"];
  const version = parseModelVersion(`${n}`);
  return { slot: { version, package: digestOf(n), variant: variant.id, file: digestOf(n) }, manifest, variant };
}

/** A model that serves, and a candidate beside it that is given this share. */
function aShadow({ share = 1, seed = 1, candidate = anAdder(), manifest = addingModel } = {}) {
  const clock = new VirtualClock();
  const windows: Window[] = [];
  const random = seededRandom(seed);
  const service = new InferenceService({
    clock,
    log: silentLog,
    sampling: noSampling,
    shadow: { random: () => random.next(), share: () => share, pause: () => undefined },
    onWindow: (window) => windows.push(window),
    onStopped: () => undefined,
    onChange: () => undefined,
  });
  service.activate(aPackage(1, manifest), anAdder());
  service.runInShadow(aPackage(2, manifest), candidate);
  const ask = async (inputs: readonly Tensor[], id?: string, start = false, end = false) => {
    const call = id === undefined ? {} : { sequence: { id, start, end } };
    const { outputs } = await service.infer(manifest.model, inputs, never, call);
    // The memory of a request is used again when it is answered.
    for (const { rawData } of [...inputs, ...outputs]) rawData.fill(0xff);
  };
  return {
    clock,
    ask,
    async counted() {
      await clock.advance(10);
      service.closeWindows();
      return windows.flatMap(({ shadow }) => shadow ?? []).reduce(sumOfAgreements, nothingCompared());
    },
  };
}

describe("a candidate of a model that keeps state", () => {
  const request = fc.record({
    id: fc.constantFrom("a", "b", "c"),
    x: fc.integer({ min: -100, max: 100 }),
    start: fc.boolean(),
    end: fc.boolean(),
    /** Others come before this one is answered in shadow. */
    hurries: fc.boolean(),
  });

  it("is given whole sequences, with a state of its own: one that computes the same always agrees", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(request, { maxLength: 40 }),
        fc.integer(),
        fc.uniqueArray(fc.integer({ min: 1, max: 30 }), { maxLength: 4 }),
        async (requests, seed, failures) => {
          const shadow = aShadow({ share: 0.6, seed, candidate: anAdder(0, new Set(failures)) });
          for (const { id, x, start, end, hurries } of requests) {
            await shadow.ask([column("x", x)], id, start, end);
            if (!hurries) await shadow.clock.advance(1);
          }
          const { compared, disagreed, skipped, failed } = await shadow.counted();
          expect(disagreed).toBe(0);
          expect(compared + skipped + failed).toBeLessThanOrEqual(requests.length);
        },
      ),
    );
  });

  it("misses no step of a sequence that it is given, and what comes after one that failed is skipped", async () => {
    const shadow = aShadow({ candidate: anAdder(0, new Set([2])) });
    for (const x of [1, 2, 3, 4]) {
      await shadow.ask([column("x", x)], "a");
      await shadow.clock.advance(1);
    }
    await shadow.ask([column("x", 5)], "a", true);
    expect(await shadow.counted()).toMatchObject({ compared: 2, disagreed: 0, failed: 1, skipped: 2 });
  });

  it("is not asked for a step that waited while the one before it failed", async () => {
    const shadow = aShadow({ candidate: anAdder(0, new Set([2])) });
    for (const x of [1, 2, 3]) await shadow.ask([column("x", x)], "a");
    await shadow.clock.advance(1);
    await shadow.ask([column("x", 4)], "a");
    expect(await shadow.counted()).toMatchObject({ compared: 1, disagreed: 0, failed: 1, skipped: 2 });
  });

  it("is not given the rest of a sequence that began before it came", async () => {
    const shadow = aShadow({ share: 0 });
    await shadow.ask([column("x", 1)], "a");
    await shadow.ask([column("x", 1)], "a");
    expect(await shadow.counted()).toEqual(nothingCompared());
  });
});

describe("a batch", () => {
  it("is compared row by row", async () => {
    const shadow = aShadow({ candidate: anAdder(1) });
    await shadow.ask([column("x", 1, 2, 3)]);
    const { compared, disagreed, distance } = await shadow.counted();
    expect({ compared, disagreed, last: distance.at(-1) }).toEqual({ compared: 3, disagreed: 3, last: 3 });
  });
});

describe("requests that come faster than the candidate answers", () => {
  it("wait for it only a few at a time, as they were when they came", async () => {
    const shadow = aShadow();
    for (let x = 0; x < 10; x++) await shadow.ask([column("x", x)]);
    expect(await shadow.counted()).toMatchObject({ compared: 4, disagreed: 0, skipped: 6 });
  });
});
