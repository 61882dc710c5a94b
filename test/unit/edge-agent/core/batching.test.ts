import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../../../edge-agent/adapters/memory/virtual-clock.ts";
import { batchLimitsOf, batchPartOf, planBatch } from "../../../../edge-agent/core/batching.ts";
import { InferenceService } from "../../../../edge-agent/core/inference-service.ts";
import type { Joining } from "../../../../edge-agent/core/joining-proof.ts";
import type { LoadedPackage } from "../../../../edge-agent/core/package-store.ts";
import type { InferenceWorker } from "../../../../edge-agent/core/ports.ts";
import { InferenceError } from "../../../../edge-agent/core/ports.ts";
import type { Manifest } from "../../../../proto/manifest.ts";
import type { Window } from "../../../../proto/telemetry-messages.ts";
import type { Tensor } from "../../../../proto/tensors.ts";
import { silentLog } from "../../../support/agent-world.ts";
import { aManifest } from "../../../support/manifests.ts";
import { digestOf } from "../../../support/messages.ts";
import { noSampling } from "../../../support/no-sampling.ts";

const never = new AbortController().signal;
const rowsTo8 = [{ name: "batch", min: 1, max: 8, typical: 1 }];

/** y = 10 x, row after row. */
function aModel(overrides: Partial<Manifest> = {}): Manifest {
  return aManifest({
    inputs: [{ name: "x", dataType: "float32", shape: ["batch", "width"] }],
    outputs: [{ name: "y", dataType: "float32", shape: ["batch", "width"] }],
    dimensions: rowsTo8,
    features: [],
    interpretation: { kind: "regression", output: "y" },
    reference: { rows: 0, streams: [] },
    ...overrides,
  });
}

type Rows = readonly (readonly number[])[];

function tensor(name: string, rows: Rows): Tensor {
  const values = Float32Array.from(rows.flat());
  return {
    name,
    dataType: "float32",
    dims: [rows.length, rows[0]?.length ?? 0],
    rawData: new Uint8Array(values.buffer),
  };
}

function valuesOf({ rawData }: Tensor): readonly number[] {
  return [...new Float32Array(new Uint8Array(rawData).buffer)];
}

interface Behaviour {
  /** Gives as many rows whatever it gets. */
  readonly answersRows?: number;
  readonly diesOfNaN?: boolean;
  readonly joining?: Joining | undefined;
}

const proved: Joining = { kind: "proved", rows: 8 };

/** A service over a worker that takes 10 ms for everything, and notes how many rows it was asked for in each run. */
function aService(manifest: Manifest, { answersRows, diesOfNaN = false, joining = proved }: Behaviour = {}) {
  const clock = new VirtualClock();
  const runs: number[] = [];
  const windows: Window[] = [];
  const worker: InferenceWorker = {
    stopped: new Promise(() => undefined),
    async infer([x]) {
      const { dims, rawData } = x as Tensor;
      runs.push(dims[0] ?? 0);
      await clock.sleep(10, never);
      const values = valuesOf(x as Tensor);
      if (values.some(Number.isNaN)) throw new InferenceError(diesOfNaN ? "worker-lost" : "runtime", "not a number");
      const answer = Float32Array.from(values, (value) => 10 * value);
      if (answersRows !== undefined)
        return [{ name: "y", dataType: "float32", dims: [answersRows, 1], rawData: new Uint8Array(4 * answersRows) }];
      return [{ name: "y", dataType: "float32", dims, rawData: new Uint8Array(answer.buffer, 0, rawData.length) }];
    },
    memoryBytes: async () => 0,
    [Symbol.asyncDispose]: async () => undefined,
  };
  const service = new InferenceService({
    clock,
    log: silentLog,
    sampling: noSampling,
    onWindow: (window) => windows.push(window),
    onStopped: () => undefined,
    onChange: () => undefined,
  });
  const variant = manifest.variants[0] as LoadedPackage["variant"];
  const slot = { version: manifest.version, package: digestOf(1), variant: variant.id, file: digestOf(1) };
  service.activate({ manifest, slot, variant, joining }, worker);
  const ask = (rows: Rows, signal = never, deadlineAt?: number) =>
    service.infer(manifest.model, [tensor("x", rows)], signal, deadlineAt === undefined ? {} : { deadlineAt }).then(
      ({ outputs }) => valuesOf(outputs[0] as Tensor),
      (error: Error) => error.message,
    );
  return { service, clock, runs, windows, ask };
}

/** Waits for all, while time passes. */
async function settled<T>(clock: VirtualClock, answers: readonly Promise<T>[]): Promise<readonly T[]> {
  await clock.advance(1_000);
  return await Promise.all(answers);
}

describe("requests that wait anyway", () => {
  it("are computed together, and each gets its own rows; one that is alone begins at once", async () => {
    const { ask, runs, clock } = aService(aModel());
    const alone = ask([[1]]);
    expect(runs).toEqual([1]);
    await settled(clock, [alone]);
    const answers = [[[1]], [[2]], [[3], [4]], [[5]]].map((rows) => ask(rows));
    expect(await settled(clock, answers)).toEqual([[10], [20], [30, 40], [50]]);
    expect(runs).toEqual([1, 1, 4]);
  });

  it("are counted each for itself", async () => {
    const { service, ask, windows, clock } = aService(aModel());
    await settled(clock, [ask([[1]])]);
    await settled(clock, [ask([[1]]), ask([[2], [3]]), ask([[4]])]);
    service.closeWindows();
    expect(windows).toMatchObject([{ inferences: 5, errors: [] }]);
    expect(windows[0]?.latency.reduce((sum, count) => sum + count, 0)).toBe(4);
  });

  it("do not fail of a bad neighbour", async () => {
    const { service, ask, runs, windows, clock } = aService(aModel());
    await settled(clock, [ask([[1]])]);
    const answers = [ask([[1]]), ask([[2]]), ask([[Number.NaN]]), ask([[3]])];
    expect(await settled(clock, answers)).toEqual([[10], [20], "not a number", [30]]);
    expect(runs).toEqual([1, 1, 3, 1, 1, 1]);
    service.closeWindows();
    expect(windows).toMatchObject([{ inferences: 5, errors: [{ class: "runtime", count: 1 }] }]);
  });

  it("all learn that the worker is lost: nobody is left to find out whose fault it was", async () => {
    const { ask, runs, clock } = aService(aModel(), { diesOfNaN: true });
    await settled(clock, [ask([[1]])]);
    const answers = [ask([[1]]), ask([[2]]), ask([[Number.NaN]])];
    expect(await settled(clock, answers)).toEqual([[10], "not a number", "not a number"]);
    expect(runs).toEqual([1, 1, 2]);
  });

  it("are computed alone once a model has not answered row by row", async () => {
    const { ask, runs, clock } = aService(aModel(), { answersRows: 1 });
    await settled(clock, [ask([[1]])]);
    await settled(clock, [ask([[1]]), ask([[2]]), ask([[3]])]);
    await settled(clock, [ask([[1]]), ask([[2]]), ask([[3]])]);
    expect(runs).toEqual([1, 1, 2, 1, 1, 1, 1, 1]);
  });

  it("are computed alone where the worker has not shown that its rows are independent, and at most as many as it has", async () => {
    for (const [joining, expected] of [
      [{ kind: "off", reason: "its rows depend" }, [1, 1, 1, 1, 1]],
      [{ kind: "proved", rows: 2 }, [1, 1, 2, 1]],
    ] as const) {
      const { ask, runs, clock } = aService(aModel(), { joining });
      await settled(clock, [ask([[1]])]);
      await settled(clock, [ask([[1]]), ask([[2]]), ask([[3]]), ask([[4]])]);
      expect(runs).toEqual(expected);
    }
  });

  it("keep their deadlines and their callers: who has left takes no part", async () => {
    const { ask, runs, clock } = aService(aModel());
    await settled(clock, [ask([[1]])]);
    const caller = new AbortController();
    const now = clock.monotonic();
    const answers = [ask([[1]]), ask([[2]], never, now + 5), ask([[3]], caller.signal), ask([[4]]), ask([[5]])];
    caller.abort(new Error("gone home"));
    expect(await settled(clock, answers)).toEqual([
      [10],
      "the deadline of the request has passed",
      "gone home",
      [40],
      [50],
    ]);
    expect(runs).toEqual([1, 1, 2]);
  });

  it("get the answers that they would get alone, whatever comes when", async () => {
    const request = fc.record({
      width: fc.constantFrom(1, 2),
      values: fc.array(fc.oneof({ weight: 8, arbitrary: fc.integer() }, fc.constant(Number.NaN)), {
        minLength: 1,
        maxLength: 4,
      }),
      pauseMs: fc.constantFrom(0, 0, 0, 7, 25),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(request, { maxLength: 25 }), fc.integer({ min: 1, max: 8 }), async (requests, max) => {
        const { ask, runs, clock } = aService(aModel({ dimensions: [{ name: "batch", min: 1, max, typical: 1 }] }));
        const answers: Promise<unknown>[] = [];
        for (const { width, values, pauseMs } of requests) {
          answers.push(ask(values.map((value) => Array.from({ length: width }, () => Math.fround(value)))));
          await clock.advance(pauseMs);
        }
        const expected = requests.map(({ width, values }) =>
          values.some(Number.isNaN)
            ? "not a number"
            : values.flatMap((value) => Array.from({ length: width }, () => Math.fround(10 * Math.fround(value)))),
        );
        expect(await settled(clock, answers)).toEqual(expected);
        const largest = Math.max(0, ...requests.map(({ values }) => values.length));
        expect(Math.max(0, ...runs)).toBeLessThanOrEqual(Math.max(max, largest));
      }),
    );
  });
});

describe("a model allows several requests in one run", () => {
  it("by a range of its free first dimension, where it keeps no state and answers row by row", () => {
    const built = (method: string) => ({ build: { method, options: {}, from: undefined, calibration: undefined } });
    const limitsOf = (overrides: Partial<Manifest>, method = "static-int8") =>
      batchLimitsOf(aModel({ maxInferenceMs: 1_000, ...overrides }), built(method));
    const [input, output] = [aModel().inputs[0], aModel().outputs[0]] as [
      Manifest["inputs"][0],
      Manifest["outputs"][0],
    ];
    expect(limitsOf({})).toEqual({ rows: 8, ms: 250 });
    expect(limitsOf({ dimensions: [] })).toBeUndefined();
    expect(limitsOf({ dimensions: [{ name: "batch", min: 1, max: 1, typical: 1 }] })).toBeUndefined();
    expect(limitsOf({ inputs: [{ ...input, shape: [1, "width"] }] })).toBeUndefined();
    expect(limitsOf({ inputs: [input, { ...input, name: "h", shape: [2, "batch"] }] })).toBeUndefined();
    expect(limitsOf({ outputs: [output, { ...output, name: "z", shape: [1] }] })).toBeUndefined();
    expect(limitsOf({ state: [{ input: "x", output: "y" }] })).toBeUndefined();
    expect(limitsOf({}, "dynamic-int8")).toBeUndefined();
  });

  it("as far as rows, time and bytes go, and never one before another", () => {
    const part = (rows: number, key = "a", bytes = 4) => ({ key, rows, bytes });
    const limits = { rows: 5, ms: 100 };
    expect(planBatch([part(1), part(2), part(4)], limits, 1)).toBe(2);
    expect(planBatch([part(9), part(1)], limits, 1)).toBe(1);
    expect(planBatch([part(1), part(1), part(1), part(1)], limits, 40)).toBe(2);
    expect(planBatch([part(1), part(1), part(1)], limits, 0)).toBe(2);
    expect(planBatch([part(1), part(1, "b"), part(1)], limits, 1)).toBe(1);
    expect(planBatch([part(1), undefined, part(1)], limits, 1)).toBe(1);
    expect(planBatch([part(1, "a", 3_000_000), part(1, "a", 3_000_000)], limits, 1)).toBe(1);
    expect(planBatch([part(1), part(1)], undefined, 1)).toBe(1);
  });

  it("of inputs as the model takes them", () => {
    const model = aModel();
    expect(
      batchPartOf(model, [
        tensor("x", [
          [1, 2],
          [3, 4],
          [5, 6],
        ]),
      ]),
    ).toEqual({
      key: "float32[2]",
      rows: 3,
      bytes: 24,
    });
    expect(batchPartOf(model, [])).toBeUndefined();
    expect(batchPartOf(model, [tensor("z", [[1]])])).toBeUndefined();
    expect(batchPartOf(model, [{ ...tensor("x", [[1]]), rawData: new Uint8Array(3) }])).toBeUndefined();
    expect(batchPartOf(model, [{ ...tensor("x", [[1]]), dims: [0, 1] }])).toBeUndefined();
  });
});
