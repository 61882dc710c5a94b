import { describe, expect, it } from "vitest";
import type { CandidateStage, ModelState, Slot } from "../../../../edge-agent/core/agent-state.ts";
import { lifecycleEventsOf } from "../../../../edge-agent/core/lifecycle-events.ts";
import type { UpdateEvent } from "../../../../edge-agent/core/update-state.ts";
import { ImpossibleTransitionError, transition } from "../../../../edge-agent/core/update-state.ts";
import { parseModelVersion } from "../../../../proto/ids.ts";
import { aModel, digestOf } from "../../../support/messages.ts";
import { aQuarantine } from "../../../support/quarantines.ts";

const slot = (n: number): Slot => ({
  version: parseModelVersion(`${n}.0.0`),
  package: digestOf(n),
  variant: "fp32",
  file: digestOf(0x10 + n),
});
const target = { version: slot(2).version, package: slot(2).package, packageSize: 70 };
const idle: ModelState = {
  model: aModel,
  active: slot(1),
  candidate: undefined,
  previous: slot(9),
  failure: undefined,
  quarantined: [],
};
const at = (stage: CandidateStage): ModelState => ({ ...idle, candidate: { ...target, stage } });

const states = {
  idle,
  fetching: at({ kind: "fetching" }),
  verified: at({ kind: "verified", slot: slot(2) }),
  "preflight 1": at({ kind: "preflight", slot: slot(2), attempt: 1 }),
  "preflight 3": at({ kind: "preflight", slot: slot(2), attempt: 3 }),
  "shadow 1": at({ kind: "shadow", slot: slot(2), attempt: 1 }),
  "shadow 3": at({ kind: "shadow", slot: slot(2), attempt: 3 }),
  "trial 1": at({ kind: "trial", slot: slot(2), attempt: 1 }),
  "trial 3": at({ kind: "trial", slot: slot(2), attempt: 3 }),
} satisfies Record<string, ModelState>;

const events = {
  assigned: { kind: "assigned", target },
  verified: { kind: "verified", slot: slot(2) },
  "preflight-started": { kind: "preflight-started" },
  quarantined: { kind: "quarantined", entry: aQuarantine({ package: slot(2).package, file: slot(2).file }) },
  "shadow-started": { kind: "shadow-started" },
  "shadow-proved": { kind: "shadow-proved" },
  "trial-started": { kind: "trial-started" },
  "attempt-interrupted": { kind: "attempt-interrupted" },
  "trial-proved": { kind: "trial-proved" },
  confirmed: { kind: "confirmed", reason: "healthy" },
  rejected: { kind: "rejected", reason: "unsigned" },
  failed: { kind: "failed", reason: "off by 1" },
  "rolled-back": { kind: "rolled-back", reason: "errors" },
  abandoned: { kind: "abandoned" },
  "previous-activated": { kind: "previous-activated", reason: "assigned" },
  "taken-back": { kind: "taken-back", reason: "it reads badly in the rain" },
} satisfies Record<string, UpdateEvent>;

/** The stage after an event in short, or "impossible". */
function after(state: ModelState, event: UpdateEvent): string {
  try {
    const { candidate, active, failure } = transition(state, event);
    if (candidate !== undefined)
      return "attempt" in candidate.stage ? `${candidate.stage.kind} ${candidate.stage.attempt}` : candidate.stage.kind;
    return `idle on ${active?.version ?? "nothing"}${failure === undefined ? "" : `, ${failure.kind}`}`;
  } catch (error) {
    expect(error).toBeInstanceOf(ImpossibleTransitionError);
    return "impossible";
  }
}

describe("the update of one model", () => {
  it("goes from stage to stage as its story says, and nowhere else", () => {
    const table = Object.fromEntries(
      Object.entries(states).map(([name, state]) => [
        name,
        Object.fromEntries(
          Object.entries(events)
            .map(([event, body]) => [event, after(state, body)] as const)
            .filter(([, result]) => result !== "impossible"),
        ),
      ]),
    );
    expect(table).toEqual({
      idle: {
        assigned: "fetching",
        "previous-activated": "idle on 9.0.0",
        "taken-back": "idle on 9.0.0, rolled-back",
      },
      fetching: {
        verified: "verified",
        rejected: "idle on 1.0.0, rejected",
        failed: "idle on 1.0.0, failed",
        abandoned: "idle on 1.0.0",
      },
      verified: { "preflight-started": "preflight 1", failed: "idle on 1.0.0, failed", abandoned: "idle on 1.0.0" },
      "preflight 1": {
        "preflight-started": "preflight 2",
        "attempt-interrupted": "preflight 0",
        quarantined: "fetching",
        "shadow-started": "shadow 1",
        "trial-started": "trial 1",
        failed: "idle on 1.0.0, failed",
        abandoned: "idle on 1.0.0",
      },
      "preflight 3": {
        "attempt-interrupted": "preflight 2",
        quarantined: "fetching",
        "shadow-started": "shadow 1",
        "trial-started": "trial 1",
        failed: "idle on 1.0.0, failed",
        abandoned: "idle on 1.0.0",
      },
      "shadow 1": {
        "shadow-started": "shadow 2",
        "shadow-proved": "shadow 0",
        "attempt-interrupted": "shadow 0",
        quarantined: "fetching",
        "trial-started": "trial 1",
        failed: "idle on 1.0.0, failed",
        abandoned: "idle on 1.0.0",
      },
      "shadow 3": {
        "shadow-proved": "shadow 0",
        "attempt-interrupted": "shadow 2",
        quarantined: "fetching",
        "trial-started": "trial 1",
        failed: "idle on 1.0.0, failed",
        abandoned: "idle on 1.0.0",
      },
      "trial 1": {
        "shadow-started": "shadow 1",
        "trial-started": "trial 2",
        "attempt-interrupted": "trial 0",
        "trial-proved": "trial 0",
        quarantined: "fetching",
        confirmed: "idle on 2.0.0",
        "rolled-back": "idle on 1.0.0, rolled-back",
        abandoned: "idle on 1.0.0",
      },
      "trial 3": {
        "shadow-started": "shadow 1",
        "attempt-interrupted": "trial 2",
        "trial-proved": "trial 0",
        quarantined: "fetching",
        confirmed: "idle on 2.0.0",
        "rolled-back": "idle on 1.0.0, rolled-back",
        abandoned: "idle on 1.0.0",
      },
    });
  });

  it("proves a trial once in each attempt, and remembers how often", () => {
    const proved = transition(states["trial 3"], events["trial-proved"]);
    expect(after(proved, events["trial-proved"])).toBe("impossible");
    const again = transition(transition(proved, events["trial-started"]), events["trial-proved"]);
    expect(again.candidate?.stage).toEqual({ kind: "trial", slot: slot(2), attempt: 0, proofs: 2 });
  });

  it("keeps what was active as previous when it is confirmed", () => {
    expect(transition(states["trial 1"], events.confirmed)).toMatchObject({ active: slot(2), previous: slot(1) });
    const first = { ...states["trial 1"], active: undefined, previous: undefined };
    expect(transition(first, events.confirmed)).toMatchObject({ active: slot(2), previous: undefined });
  });

  it("remembers which package failed and why, until another is tried", () => {
    const failed = transition(states["trial 1"], events["rolled-back"]);
    expect(failed.failure).toEqual({ package: slot(2).package, kind: "rolled-back", reason: "errors" });
    expect(transition(failed, events.assigned).failure).toBeUndefined();
  });

  it("exchanges active and previous when the previous one is assigned again", () => {
    const back = transition(idle, events["previous-activated"]);
    expect(back).toMatchObject({ active: slot(9), previous: slot(1) });
    expect(transition(back, events["previous-activated"])).toEqual(idle);
  });

  it("does not keep a model that crashed again and again as something to go back to", () => {
    const left = transition(idle, { kind: "crash-looped", reason: "5 deaths" });
    expect(left).toMatchObject({ active: slot(9), previous: undefined, failure: { package: slot(1).package } });
    expect(() => transition(left, { kind: "crash-looped", reason: "5 deaths" })).toThrow(ImpossibleTransitionError);
  });

  it("does not keep a model that a person took back as something to go back to", () => {
    const back = transition(idle, events["taken-back"]);
    expect(back).toMatchObject({ active: slot(9), previous: undefined });
    expect(back.failure).toEqual({
      package: slot(1).package,
      kind: "rolled-back",
      reason: "it reads badly in the rain",
    });
    expect(() => transition(back, events["taken-back"])).toThrow(ImpossibleTransitionError);
  });

  it("falls back without blaming the package when the files of the active model are lost", () => {
    const fallen = transition(idle, { kind: "active-lost", reason: "rotten" });
    expect(fallen).toMatchObject({ active: slot(9), previous: undefined, failure: undefined });
  });

  it("tells of every change that a person would ask about", () => {
    const told = Object.values(events).flatMap((event) =>
      Object.values(states).flatMap((state) => {
        if (after(state, event) === "impossible") return [];
        return lifecycleEventsOf(state, event, transition(state, event)).map(({ name }) => name);
      }),
    );
    expect(new Set(told)).toEqual(
      new Set([
        "update-started",
        "update-fetched",
        "variant-quarantined",
        "shadow-started",
        "trial-started",
        "update-confirmed",
        "update-rejected",
        "update-failed",
        "update-rolled-back",
        "model-activated",
      ]),
    );
  });
});
