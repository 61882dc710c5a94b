import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../../../edge-agent/adapters/memory/virtual-clock.ts";
import { InferenceService } from "../../../../edge-agent/core/inference-service.ts";
import type { LoadedPackage } from "../../../../edge-agent/core/package-store.ts";
import type { InferenceWorker } from "../../../../edge-agent/core/ports.ts";
import { InferenceError } from "../../../../edge-agent/core/ports.ts";
import type { SequenceStep } from "../../../../edge-agent/core/sequence-states.ts";
import { parseModelVersion } from "../../../../proto/ids.ts";
import type { Tensor } from "../../../../proto/tensors.ts";
import { addingModel, column } from "../../../support/adding-model.ts";
import { silentLog } from "../../../support/agent-world.ts";
import { digestOf } from "../../../support/messages.ts";
import { noSampling } from "../../../support/no-sampling.ts";

const never = new AbortController().signal;

function valuesOf(tensors: readonly Tensor[], name: string): readonly number[] {
  const found = tensors.find((one) => one.name === name);
  if (found === undefined) throw new InferenceError("input", `input "${name}" is missing`);
  return [...new Float32Array(new Uint8Array(found.rawData).buffer)];
}

function adder(): InferenceWorker {
  return {
    stopped: new Promise(() => undefined),
    infer: async (inputs) => {
      const before = valuesOf(inputs, "before");
      const sums = valuesOf(inputs, "x").map((x, row) => x + (before[row] as number));
      if (sums.some(Number.isNaN)) throw new InferenceError("runtime", "not a number");
      return [column("sum", ...sums), column("total", ...sums)];
    },
    memoryBytes: async () => 0,
    [Symbol.asyncDispose]: async () => undefined,
  };
}

function aPackage(n: number): LoadedPackage {
  const variant = addingModel.variants[0] as LoadedPackage["variant"];
  const version = parseModelVersion(`${n}`);
  return {
    slot: { version, package: digestOf(n), variant: variant.id, file: digestOf(n) },
    manifest: addingModel,
    variant,
  };
}

function anAdder() {
  const service = new InferenceService({
    clock: new VirtualClock(),
    log: silentLog,
    sampling: noSampling,
    onWindow: () => undefined,
    onStopped: () => undefined,
    onChange: () => undefined,
  });
  service.activate(aPackage(1), adder());
  const infer = (inputs: readonly Tensor[], sequence?: SequenceStep) =>
    service.infer(addingModel.model, inputs, never, sequence && { sequence });
  const add = async (x: number, sequence?: SequenceStep) => {
    const answer = await infer([column("x", x)], sequence);
    return valuesOf(answer.outputs, "sum")[0];
  };
  return { service, infer, add };
}

const of = (id: string, flags: Partial<SequenceStep> = {}): SequenceStep => ({
  id,
  start: false,
  end: false,
  ...flags,
});

describe("a model that keeps state", () => {
  it("goes on where its sequence was, and gives nobody its state", async () => {
    const { add, infer } = anAdder();
    expect([await add(1, of("a")), await add(10, of("b")), await add(2, of("a")), await add(3, of("a"))]).toEqual([
      1, 10, 3, 6,
    ]);
    const { outputs, sequence } = await infer([column("x", 4)], of("a"));
    expect(outputs.map(({ name }) => name)).toEqual(["sum"]);
    expect(sequence).toEqual({ id: "a", start: false, end: false });
  });

  it("says where it began from zeros: when asked to, at the first request, and after another version took its place", async () => {
    const { service, infer } = anAdder();
    const startOf = async (step: SequenceStep) => (await infer([column("x", 1)], step)).sequence?.start;
    expect([await startOf(of("a")), await startOf(of("a"))]).toEqual([true, false]);
    expect(await startOf(of("a", { start: true }))).toBe(true);
    service.tryOut(aPackage(2), adder());
    expect([await startOf(of("a")), await startOf(of("a"))]).toEqual([true, false]);
    service.dropCandidate(addingModel.model);
    expect([await startOf(of("a")), await startOf(of("a"))]).toEqual([true, false]);
  });

  it("answers a request without a sequence from zeros, for as many rows as it has", async () => {
    const { add, infer } = anAdder();
    await add(5, of("a"));
    expect([await add(1), await add(1)]).toEqual([1, 1]);
    const { outputs, sequence } = await infer([column("x", 1, 2, 3)]);
    expect([valuesOf(outputs, "sum"), sequence]).toEqual([[1, 2, 3], undefined]);
  });

  it("keeps what it had where an inference fails, and takes no state from outside", async () => {
    const { add, infer } = anAdder();
    await add(5, of("a"));
    await expect(add(Number.NaN, of("a"))).rejects.toMatchObject({ class: "runtime" });
    await expect(infer([column("x", 1), column("before", 100)], of("a"))).rejects.toThrow(
      'input "before" is the model\'s state, which the agent keeps',
    );
    expect(await add(1, of("a"))).toBe(6);
  });

  it("answers sequences that are sent at the same time as if each were alone", async () => {
    const request = fc.record({
      id: fc.constantFrom("a", "b", "c"),
      x: fc.integer({ min: -100, max: 100 }),
      start: fc.boolean(),
      end: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(request, { maxLength: 40 }), async (requests) => {
        const { add } = anAdder();
        const answers = await Promise.all(requests.map(({ id, x, ...flags }) => add(x, of(id, flags))));
        const sums = new Map<string, number>();
        const alone = requests.map(({ id, x, start, end }) => {
          const sum = x + (start ? 0 : (sums.get(id) ?? 0));
          sums.set(id, end ? 0 : sum);
          return sum;
        });
        expect(answers).toEqual(alone);
      }),
    );
  });
});

describe("a model without state", () => {
  it("knows no sequence", async () => {
    const { service } = anAdder();
    const stateless = { ...aPackage(3), manifest: { ...addingModel, state: [] } };
    service.replaceActive(stateless, adder());
    const asked = service.infer(addingModel.model, [column("x", 1), column("before", 0)], never, { sequence: of("a") });
    await expect(asked).rejects.toMatchObject({ class: "input" });
  });
});
