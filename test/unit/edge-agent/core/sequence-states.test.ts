import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../../../edge-agent/adapters/memory/virtual-clock.ts";
import type { SequenceLimits, SequenceStep } from "../../../../edge-agent/core/sequence-states.ts";
import { SequenceStates } from "../../../../edge-agent/core/sequence-states.ts";
import type { Tensor } from "../../../../proto/tensors.ts";
import { digestOf } from "../../../support/messages.ts";

const [first, second, otherVariant] = [
  { package: digestOf(1), file: digestOf(11) },
  { package: digestOf(2), file: digestOf(11) },
  { package: digestOf(1), file: digestOf(12) },
];

function aState(bytes: number): readonly Tensor[] {
  return [{ name: "h", dataType: "uint8", dims: [bytes], rawData: new Uint8Array(bytes) }];
}

interface Taken extends Partial<SequenceStep> {
  readonly bytes?: number;
  readonly by?: typeof first;
}

/** `take` is a whole turn: it keeps so many bytes and answers how many there were before. */
function someStates(limits: Partial<SequenceLimits> = {}) {
  const clock = new VirtualClock();
  const states = new SequenceStates(clock, { sequences: 2, bytes: 100, idleMs: 1_000, ...limits });
  const step = (id: string | number, flags = {}) => ({ id, start: false, end: false, ...flags });
  const take = (id: string | number, { bytes = 10, by = first, ...flags }: Taken = {}) => {
    const asked = step(id, flags);
    states.admit(asked);
    const turn = states.begin(asked, by);
    turn.keep(aState(bytes));
    return turn.state?.[0]?.rawData.length;
  };
  return { clock, states, step, take };
}

describe("the states of a model's sequences", () => {
  it("are kept from one request to the next, each for its own sequence", () => {
    const { take } = someStates();
    expect([take("a", { bytes: 1 }), take(7, { bytes: 2 }), take("a", { bytes: 3 }), take("a"), take(7)]).toEqual([
      undefined,
      undefined,
      1,
      3,
      2,
    ]);
  });

  it("are forgotten where a sequence starts, and after it has ended", () => {
    const { states, take } = someStates();
    take("a");
    expect(take("a", { start: true })).toBeUndefined();
    expect(take("a", { end: true })).toBe(10);
    expect(states.open).toBe(0);
    expect(take("a")).toBeUndefined();
  });

  it("belong to the package and the variant that made them, also when it comes back", () => {
    const { take } = someStates();
    take("a");
    expect(take("a", { by: otherVariant })).toBeUndefined();
    expect(take("a", { by: second })).toBeUndefined();
    expect(take("a")).toBeUndefined();
    expect(take("a")).toBe(10);
  });

  it("stay as they were where an inference fails, and are not overwritten by a version that was left", () => {
    const { states, step, take } = someStates();
    take("a", { bytes: 1 });
    states.begin(step("a"), first);
    expect(take("a", { bytes: 1 })).toBe(1);
    const late = states.begin(step("a"), first);
    take("a", { by: second, bytes: 2 });
    late.keep(aState(3));
    expect(take("a", { by: second })).toBe(2);
  });

  it("are of a bounded number of sequences: one more is told when to come again, until one has been idle for long", async () => {
    const { clock, states, step, take } = someStates();
    take("a");
    await clock.advance(400);
    take("b");
    expect(() => states.admit(step("c"))).toThrow(expect.objectContaining({ name: "SequencesFullError" }));
    expect(() => states.admit(step("c"))).toThrow(expect.objectContaining({ retryAfterMs: 600 }));
    take("a");
    await clock.advance(999);
    expect(() => states.admit(step("c"))).toThrow(expect.objectContaining({ retryAfterMs: 1 }));
    await clock.advance(1);
    expect(take("c")).toBeUndefined();
    expect(take("a")).toBeUndefined();
  });

  it("have a bounded size: those that were used longest ago make room", () => {
    const { states, take } = someStates({ sequences: 10, bytes: 25 });
    take("a");
    take("b");
    take("a");
    take("c");
    expect(states.open).toBe(2);
    expect([take("a"), take("c"), take("b")]).toEqual([10, 10, undefined]);
    take("d", { bytes: 26 });
    expect(states.open).toBe(0);
  });
});
