import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { WorkerUse } from "../../../../edge-agent/core/memory-budget.ts";
import {
  defaultMemoryBudget,
  expectedBytes,
  memoryRelief,
  planMemory,
  restsAfterMs,
} from "../../../../edge-agent/core/memory-budget.ts";
import { parseModelName } from "../../../../proto/ids.ts";
import type { Measurement } from "../../../../proto/manifest.ts";
import { mebibytes } from "../../../../proto/units.ts";
import { digestOf } from "../../../support/messages.ts";

const hour = 3_600_000;

function aUse(model: string, bytes: number, overrides: Partial<WorkerUse> = {}): WorkerUse {
  return { model: parseModelName(model), place: "active", bytes, expectedBytes: bytes, idleMs: 0, ...overrides };
}

const MiB = mebibytes(1);
const aNewcomer = (model: string, bytes: number, isConfirmed = false) => ({
  model: parseModelName(model),
  bytes: bytes * MiB,
  isConfirmed,
  isWanted: true,
});
const a = aUse("a", 100 * MiB, { idleMs: hour });
const b = aUse("b", 150 * MiB);

describe("the memory of a device's models", () => {
  it("is by default three quarters of the machine's without the agent's own part, and at least half", () => {
    expect([1_024, 512, 256].map((machine) => defaultMemoryBudget(mebibytes(machine)))).toEqual(
      [640, 256, 128].map(mebibytes),
    );
  });

  it("that a variant takes is what was measured here, what its publisher asks for, or twice its file beside an empty process", () => {
    const measured = (architecture: string, runtime: string, peak: number) =>
      ({ architecture, runtime, peakMemoryBytes: peak * MiB }) as Measurement;
    const file = { digest: digestOf(1), size: 10 * MiB };
    const requires = { architectures: undefined, cpuFlags: [], memoryBytes: 0 };
    const here = { architecture: "arm64" };
    const expected = (measurements: readonly Measurement[], memoryBytes = 0) =>
      expectedBytes(
        { file, requires: { ...requires, memoryBytes }, measured: measurements },
        here,
        "onnxruntime-node",
      ) / MiB;
    expect(expected([])).toBe(84);
    expect(expected([measured("x64", "onnxruntime-web", 300)])).toBe(84);
    expect(expected([measured("x64", "onnxruntime-node", 200)])).toBe(200);
    expect(expected([measured("x64", "onnxruntime-node", 200), measured("arm64", "onnxruntime-node", 120)])).toBe(120);
    expect(expected([measured("arm64", "onnxruntime-node", 120)], 130 * MiB)).toBe(130);
  });

  it("takes another worker beside those that are there", () => {
    expect(planMemory(aNewcomer("c", 50), [a, b], 0, 300 * MiB)).toEqual({ kind: "fits", rest: [] });
  });

  it("lets models rest that nobody asks for, and then the newcomer's own", () => {
    expect(planMemory(aNewcomer("c", 120), [a, b], 0, 300 * MiB)).toEqual({ kind: "fits", rest: ["a"] });
    expect(planMemory(aNewcomer("b", 160), [a, b], 0, 300 * MiB)).toEqual({ kind: "fits", rest: ["b"] });
    expect(planMemory(aNewcomer("b", 220), [a, b], 0, 300 * MiB)).toEqual({ kind: "fits", rest: ["a", "b"] });
    expect(planMemory(aNewcomer("b", 140), [a, b], 20 * MiB, 300 * MiB)).toEqual({ kind: "fits", rest: ["b"] });
  });

  it("is not made by others for a model that nobody waits for", () => {
    expect(planMemory({ ...aNewcomer("c", 120, true), isWanted: false }, [a, b], 0, 300 * MiB).kind).toBe("refused");
  });

  it("is refused with the figures where that is not enough", () => {
    expect(planMemory(aNewcomer("c", 160), [a, b], 0, 300 * MiB)).toEqual({
      kind: "refused",
      reason: "it takes about 160 MiB and models may take 300 MiB, of which 150 MiB are in use",
    });
    expect(planMemory(aNewcomer("c", 400), [], 0, 300 * MiB).kind).toBe("refused");
  });

  it("is never refused to what was confirmed and is alone", () => {
    expect(planMemory(aNewcomer("c", 400, true), [], 0, 300 * MiB)).toEqual({ kind: "fits", rest: [] });
    expect(planMemory(aNewcomer("b", 400, true), [b], 0, 300 * MiB)).toEqual({ kind: "fits", rest: ["b"] });
    expect(planMemory(aNewcomer("c", 400, true), [b], 0, 300 * MiB).kind).toBe("refused");
  });

  it("is never overdrawn by a plan, and nobody rests in vain or while asked for", () => {
    const use = fc.record({
      model: fc.constantFrom("a", "b", "c", "d"),
      place: fc.constantFrom("active" as const, "candidate" as const),
      bytes: fc.integer({ min: 0, max: 200 }),
      idleMs: fc.constantFrom(0, restsAfterMs - 1, restsAfterMs, hour, 2 * hour),
    });
    const uses = fc
      .uniqueArray(use, { selector: ({ model, place }) => `${model} ${place}`, maxLength: 8 })
      .map((all) => all.map(({ model, bytes, ...rest }) => aUse(model, bytes, rest)));
    fc.assert(
      fc.property(
        uses,
        fc.constantFrom("a", "e").map((name) => parseModelName(name)),
        fc.nat(300),
        fc.nat(100),
        fc.nat(600),
        (running, model, bytes, claimed, budget) => {
          const plan = planMemory({ model, bytes, isConfirmed: false, isWanted: true }, running, claimed, budget);
          const sum = (all: readonly WorkerUse[]) => all.reduce((total, one) => total + one.bytes, 0);
          const mayRest = running.filter(
            (one) => one.place === "active" && (one.model === model || one.idleMs >= restsAfterMs),
          );
          const fitsAtBest = sum(running) - sum(mayRest) + claimed + bytes <= budget;
          expect(plan.kind).toBe(fitsAtBest ? "fits" : "refused");
          if (plan.kind === "refused") return;
          const resting = mayRest.filter((one) => plan.rest.includes(one.model));
          expect(resting).toHaveLength(plan.rest.length);
          const left = budget - (sum(running) - sum(resting) + claimed + bytes);
          expect(left).toBeGreaterThanOrEqual(0);
          for (const one of resting) expect(one.bytes).toBeGreaterThan(left);
        },
      ),
    );
  });
});

describe("the memory of a candidate in shadow", () => {
  const shaded = aUse("b", 100 * MiB, { place: "shadow" });
  const shadowOf = (model: string, bytes: number) => ({
    ...aNewcomer(model, bytes),
    isWanted: false,
    isBeside: true,
  });

  it("is what nobody needs: for it nobody rests, not even its own active model", () => {
    expect(planMemory(shadowOf("b", 50), [a, b], 0, 300 * MiB)).toEqual({ kind: "fits", rest: [] });
    expect(planMemory(shadowOf("b", 60), [a, b], 0, 300 * MiB).kind).toBe("refused");
  });

  it("is given back before any other model rests", () => {
    expect(planMemory(aNewcomer("c", 40), [a, b, shaded], 0, 400 * MiB)).toEqual({ kind: "fits", rest: [] });
    expect(planMemory(aNewcomer("c", 100), [a, b, shaded], 0, 400 * MiB)).toEqual({
      kind: "fits",
      rest: [],
      endsShadows: true,
    });
    expect(planMemory(aNewcomer("c", 200), [a, b, shaded], 0, 400 * MiB)).toEqual({
      kind: "fits",
      rest: ["a"],
      endsShadows: true,
    });
    expect(memoryRelief([a, b, shaded], 300 * MiB)).toEqual({
      kind: "end-shadows",
      reason: "all models together take 350 MiB of memory, more than 300 MiB",
    });
    const fat = { ...shaded, expectedBytes: 20 * MiB };
    expect(memoryRelief([a, b, fat], 300 * MiB)).toMatchObject({ kind: "end", model: "b", place: "shadow" });
  });

  it("stays with it where a newcomer is refused all the same", () => {
    expect(planMemory(aNewcomer("c", 400), [a, b, shaded], 0, 400 * MiB).kind).toBe("refused");
  });
});

describe("models that take more memory together than they may", () => {
  it("are left alone while they do not, and where there is only one", () => {
    expect(memoryRelief([a, b], 250 * MiB)).toEqual({ kind: "none" });
    expect(memoryRelief([b], 100 * MiB)).toEqual({ kind: "none" });
  });

  it("lose first who is idle, then a candidate, then who takes the most beyond what was expected", () => {
    const candidate = aUse("b", 90 * MiB, { place: "candidate" });
    const fat = aUse("c", 80 * MiB, { expectedBytes: 20 * MiB });
    expect(memoryRelief([a, b, candidate, fat], 100 * MiB)).toEqual({ kind: "rest", model: "a" });
    expect(memoryRelief([b, candidate, fat], 100 * MiB)).toMatchObject({ kind: "end", model: "b", place: "candidate" });
    expect(memoryRelief([b, fat], 100 * MiB)).toEqual({
      kind: "end",
      model: "c",
      place: "active",
      reason:
        "all models together take 230 MiB of memory, more than 100 MiB; this one 80 MiB where 20 MiB were expected",
    });
  });
});
