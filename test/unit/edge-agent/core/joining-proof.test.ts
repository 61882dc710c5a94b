import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ModelScript } from "../../../../edge-agent/adapters/memory/scripted-runtime.ts";
import { VirtualClock } from "../../../../edge-agent/adapters/memory/virtual-clock.ts";
import { proveJoining } from "../../../../edge-agent/core/joining-proof.ts";
import { InferenceError } from "../../../../edge-agent/core/ports.ts";
import type { Manifest, Variant } from "../../../../proto/manifest.ts";
import type { Tensor } from "../../../../proto/tensors.ts";
import { AgentWorld } from "../../../support/agent-world.ts";
import { logLines } from "../../../support/log-lines.ts";
import { aManifest } from "../../../support/manifests.ts";

type Row = readonly number[];

const never = new AbortController().signal;
const aSoak = { durationMs: 10_000, minInferences: 5, deadlineMs: 60_000, maxErrorShare: 0.1 };
const width = 3;

function tensor(name: string, rows: readonly Row[]): Tensor {
  const rawData = new Uint8Array(Float32Array.from(rows.flat()).buffer);
  return { name, dataType: "float32", dims: [rows.length, width], rawData };
}

function rowsIn({ rawData, dims }: Tensor): readonly Row[] {
  const values = [...new Float32Array(rawData.slice().buffer)];
  return Array.from({ length: dims[0] ?? 0 }, (_, i) => values.slice(i * width, (i + 1) * width));
}

function aModel(overrides: Partial<Manifest> = {}): Manifest {
  return aManifest({
    inputs: [{ name: "x", dataType: "float32", shape: ["batch", width] }],
    outputs: [{ name: "y", dataType: "float32", shape: ["batch", width] }],
    dimensions: [{ name: "batch", min: 1, max: 8, typical: 1 }],
    features: [],
    interpretation: { kind: "regression", output: "y" },
    reference: { rows: 0, streams: [] },
    maxInferenceMs: 1_000,
    ...overrides,
  });
}

interface Shown {
  readonly golden?: readonly (readonly Row[])[];
  readonly manifest?: Partial<Manifest>;
  readonly msPerRow?: number;
  readonly maxDifference?: number;
}

/** What a worker shows that computes `rows` as `compute` says, and the rows of each of its runs. */
async function shownBy(compute: (rows: readonly Row[]) => readonly Row[], options: Shown = {}) {
  const { golden = [[[1, 2, 3]]], manifest = {}, msPerRow = 0, maxDifference = 1e-4 } = options;
  const clock = new VirtualClock();
  const runs: number[] = [];
  const worker = {
    async infer(inputs: readonly Tensor[]) {
      const rows = rowsIn(inputs[0] as Tensor);
      runs.push(rows.length);
      if (msPerRow > 0) await clock.sleep(msPerRow * rows.length, never);
      return [tensor("y", compute(rows))];
    },
  };
  const variant = { ...aModel().variants[0], tolerance: { maxDifference, sameTop: false } } as Variant;
  const cases = golden.map((rows) => ({ inputs: [tensor("x", rows)], outputs: [] }));
  const proof = proveJoining(worker, { cases }, { manifest: aModel(manifest), variant }, clock, never);
  await clock.advance(10_000);
  return { ...(await proof), runs };
}

const eachRow = (own: (row: Row) => Row) => (rows: readonly Row[]) => rows.map(own);
const doubled = eachRow((row) => row.map((value) => 2 * value));
const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe("a worker whose rows know nothing of each other", () => {
  it("shows it with one golden row and a stranger, in two runs of as many rows as the manifest allows", async () => {
    expect(await shownBy(doubled)).toEqual({
      joining: { kind: "proved", rows: 8 },
      runs: [1, 1, 8, 8],
      isWorkerLost: false,
    });
  });

  it("shows no more rows than are worth it, and as many as take half a second", async () => {
    const manifest = { dimensions: [{ name: "batch", min: 1, max: 500, typical: 1 }], maxInferenceMs: 60_000 };
    expect(await shownBy(doubled, { manifest })).toMatchObject({ joining: { kind: "proved", rows: 16 } });
    expect(await shownBy(doubled, { manifest, msPerRow: 100 })).toMatchObject({ joining: { kind: "proved", rows: 5 } });
    expect(await shownBy(doubled, { manifest, msPerRow: 300 })).toMatchObject({
      joining: { kind: "off", reason: expect.stringContaining("longer than 500 ms") },
    });
  });

  it("shows it in pieces of as many rows as the model takes at the least", async () => {
    const manifest = { dimensions: [{ name: "batch", min: 2, max: 9, typical: 2 }] };
    const golden = [
      [
        [1, 2, 3],
        [4, 5, 6],
        [7, 8, 9],
      ],
    ];
    expect(await shownBy(doubled, { manifest, golden })).toMatchObject({
      joining: { kind: "proved", rows: 8 },
      runs: [2, 2, 8, 8],
    });
  });

  it("shows it with its golden rows alone when it does not take the stranger", async () => {
    const picky = (rows: readonly Row[]) => {
      if (rows.some((row) => row.some((value) => !Number.isInteger(value)))) throw new InferenceError("runtime", "no");
      return doubled(rows);
    };
    expect(await shownBy(picky, { golden: [[[1, 2, 3]], [[4, 5, 6]]] })).toMatchObject({
      joining: { kind: "proved", rows: 8 },
    });
    expect(await shownBy(picky)).toMatchObject({ joining: { kind: "off" } });
  });
});

describe("a worker is found out whose rows depend", () => {
  it.each<readonly [string, (rows: readonly Row[]) => readonly Row[]]>([
    [
      "on the mean of the batch",
      (rows) => rows.map((row) => row.map((v, k) => v - meanOf(rows.map((r) => r[k] ?? 0)))),
    ],
    ["on the mean of everything", (rows) => rows.map((row) => row.map((value) => value - meanOf(rows.flat())))],
    ["on the largest of the batch", (rows) => rows.map((row) => row.map((value) => value / Math.max(...rows.flat())))],
    [
      "on those before them",
      (rows) => rows.map((_, i) => [0, 1, 2].map((k) => meanOf(rows.slice(0, i + 1).map((r) => r[k] ?? 0)))),
    ],
    ["on the first of them", (rows) => rows.map(() => rows[0] ?? [])],
    ["on the last of them", (rows) => rows.map(() => rows.at(-1) ?? [])],
    ["on their order", (rows) => rows.toSorted((a, b) => (a[0] ?? 0) - (b[0] ?? 0))],
    ["on their place", (rows) => rows.map((row, i) => row.map((value) => value + i))],
    ["on their number", (rows) => rows.map((row) => row.map((value) => value / rows.length))],
  ])("%s", async (_what, compute) => {
    expect(await shownBy(compute)).toMatchObject({
      joining: {
        kind: "off",
        reason: expect.stringMatching(/^of 8 rows in one run, row \d is not what it is alone: output "y" is off by/),
      },
    });
  });

  it("by however little, if it is more than the tolerance, and independent ones never are", async () => {
    const row = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: width, maxLength: width });
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(row, { minLength: 1, maxLength: 6, selector: String }),
        fc.constantFrom(0, 0.01, 0.5, 3),
        async (golden, share) => {
          fc.pre(golden[0]?.some((value) => value !== 0) === true);
          const withMean = (rows: readonly Row[]) =>
            rows.map((own) => own.map((value, k) => value + share * meanOf(rows.map((one) => one[k] ?? 0))));
          const { joining } = await shownBy(withMean, { golden: golden.map((one) => [one]), maxDifference: 1e-4 });
          expect(joining?.kind).toBe(share === 0 ? "proved" : "off");
        },
      ),
    );
  });
});

describe("nothing is joined", () => {
  it("where the manifest does not allow it: then nothing is run for it", async () => {
    expect(await shownBy(doubled, { manifest: { dimensions: [] } })).toEqual({
      joining: undefined,
      runs: [],
      isWorkerLost: false,
    });
  });

  it("where the golden inputs say nothing", async () => {
    const reason = "its golden inputs make no two different rows to compare";
    expect((await shownBy(doubled, { golden: [] })).joining).toEqual({ kind: "off", reason });
    expect((await shownBy(doubled, { golden: [[[0, 0, 0]]] })).joining).toEqual({ kind: "off", reason });
  });

  it("where more rows are answered otherwise, fail, or end the worker", async () => {
    expect((await shownBy((rows) => doubled(rows.slice(0, 1)))).joining).toEqual({
      kind: "off",
      reason: "it does not answer row by row",
    });
    const failing = (errorClass: "runtime" | "worker-lost") => (rows: readonly Row[]) => {
      if (rows.length > 1) throw new InferenceError(errorClass, "no room");
      return doubled(rows);
    };
    const joining = { kind: "off", reason: "rows in one run fail: no room" };
    expect(await shownBy(failing("runtime"))).toMatchObject({ joining, isWorkerLost: false });
    expect(await shownBy(failing("worker-lost"))).toMatchObject({ joining, isWorkerLost: true });
  });
});

describe("a device", () => {
  const manifest = { dimensions: [{ name: "batch", min: 1, max: 8, typical: 1 }] };

  /** The model in its status after the installation, and after its worker was started again. */
  async function installed(script: Partial<ModelScript>) {
    const log = logLines();
    const world = new AgentWorld({ log });
    world.device.start();
    world.control.assign(world.device.id, [world.control.package({ version: "1.0.0", script, manifest })]);
    await world.run(30_000);
    const before = world.device.agent.status().models[0];
    await world.device.stop();
    world.device.start();
    await world.run(2_000);
    return { before, after: world.device.agent.status().models[0], lines: log.lines };
  }
  const oneByOne = "warn requests are computed one by one, though the manifest allows more rows";

  it("has its workers show it before they serve, and says what they have shown", async () => {
    const { before, after, lines } = await installed({});
    expect(before).toMatchObject({ phase: "idle", active: "1.0.0", joining: { kind: "proved", rows: 8 } });
    expect(after).toMatchObject({ serving: { version: "1.0.0" }, joining: { kind: "proved", rows: 8 } });
    expect(lines).not.toContain(oneByOne);
  });

  it("serves a model whose rows depend on each other, one request by one, and says why", async () => {
    const { before, after, lines } = await installed({ mixesRows: true });
    const joining = {
      kind: "off",
      reason: expect.stringContaining("of 8 rows in one run, row 1 is not what it is alone"),
    };
    expect(before).toMatchObject({ phase: "idle", active: "1.0.0", joining });
    expect(after).toMatchObject({ serving: { version: "1.0.0" }, joining });
    expect(lines.filter((line) => line === oneByOne)).toHaveLength(2);
  });

  it("has a candidate show it for its trial: in shadow it is slow, and joins nothing", async () => {
    const log = logLines();
    const world = new AgentWorld({ log });
    world.device.start();
    await world.install("1.0.0");
    const next = world.control.package({ version: "2.0.0", script: { mixesRows: true }, manifest });
    const wanted = { ...next.assignment, rollout: undefined, soak: aSoak, variantOrder: [] };
    world.control.assign(world.device.id, [next], { models: [{ ...wanted, shadow: { share: 1 } }] });
    await world.run(10_000);
    expect(world.modelState()?.candidate?.stage.kind).toBe("shadow");
    expect(log.lines).not.toContain(oneByOne);
    world.control.assign(world.device.id, [next], { models: [wanted] });
    await world.run(5_000);
    expect(world.modelState()?.candidate?.stage.kind).toBe("trial");
    expect(log.lines).toContain(oneByOne);
  });

  it("gives up no model whose worker dies of rows together: another worker serves, and joins nothing", async () => {
    const { before, after } = await installed({ mostRows: 1 });
    const joining = { kind: "off", reason: "rows in one run fail: it was ended by SIGKILL" };
    expect(before).toMatchObject({ phase: "idle", active: "1.0.0", failure: undefined, quarantined: [], joining });
    expect(after).toMatchObject({ serving: { version: "1.0.0" }, joining });
  });
});
