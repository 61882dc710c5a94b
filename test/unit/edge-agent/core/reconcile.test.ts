import { describe, expect, it } from "vitest";
import type { AgentState, CandidateStage, ModelState, Slot } from "../../../../edge-agent/core/agent-state.ts";
import { noState } from "../../../../edge-agent/core/agent-state.ts";
import type { Facts, ModelFacts } from "../../../../edge-agent/core/reconcile.ts";
import type { ShadowHealth } from "../../../../edge-agent/core/shadow-gate.ts";
import { noFactory } from "../../../../edge-agent/core/factory.ts";
import { nextSteps } from "../../../../edge-agent/core/reconcile.ts";
import { emptyModel } from "../../../../edge-agent/core/slots.ts";
import type { Maintenance } from "../../../../edge-agent/core/maintenance.ts";
import { always } from "../../../../edge-agent/core/maintenance.ts";
import { isSuperseded } from "../../../../edge-agent/core/agent-step.ts";
import { parseModelName, parseModelVersion } from "../../../../proto/ids.ts";
import { nothingCompared } from "../../../../proto/sketch/agreement.ts";
import { minutes } from "../../../../proto/units.ts";
import { aTrial } from "../../../support/trials.ts";
import { aModel, anAssignment, digestOf } from "../../../support/messages.ts";

const slot = (n: number): Slot => ({
  version: parseModelVersion(`${n}.0.0`),
  package: digestOf(n),
  variant: "fp32",
  file: digestOf(0x10 + n),
});
const wants = (n: number, model = aModel) => {
  const [template] = anAssignment().models;
  if (template === undefined) throw new Error("the assignment names no model");
  return { ...template, model, version: slot(n).version, package: slot(n).package, packageSize: 70 };
};
const state = (model: Partial<ModelState>, wanted: number | "nothing" = 2): AgentState => ({
  ...noState,
  assignment: anAssignment({ models: wanted === "nothing" ? [] : [wants(wanted)] }),
  models: [{ ...emptyModel(aModel), active: slot(1), ...model }],
});
const candidate = (stage: CandidateStage, n = 2) => ({
  candidate: { version: slot(n).version, package: slot(n).package, packageSize: 70, stage },
});
const facts = (model: Partial<ModelFacts> = {}, rest: Partial<Facts> = {}): Facts => ({
  models: new Map([
    [
      aModel,
      {
        active: slot(1).package,
        candidate: undefined,
        trial: undefined,
        shadow: undefined,
        candidateStopReason: "",
        gaveWay: false,
        deaths: [],
        retryAt: Number.NEGATIVE_INFINITY,
        rollbackWanted: undefined,
        ...model,
      },
    ],
  ]),
  busy: new Set(),
  garbageDue: false,
  maintenance: always,
  factory: noFactory,
  ...rest,
});
const steps = (of: AgentState, seen = facts()) => nextSteps(of, seen, 1_000);
const kinds = (of: AgentState, seen = facts()) => steps(of, seen).map(({ kind }) => kind);

describe("what an agent does next", () => {
  it("is nothing before its first assignment, and when it has what is assigned", () => {
    expect(steps(noState)).toEqual([]);
    expect(steps(state({}, 1))).toEqual([]);
  });

  it("follows an update from stage to stage", () => {
    expect(kinds(state({}))).toEqual(["start-update"]);
    expect(kinds(state(candidate({ kind: "fetching" })))).toEqual(["fetch-package"]);
    expect(kinds(state(candidate({ kind: "verified", slot: slot(2) })))).toEqual(["preflight"]);
    expect(kinds(state(candidate({ kind: "preflight", slot: slot(2), attempt: 2 })))).toEqual(["preflight"]);
    expect(kinds(state(candidate({ kind: "preflight", slot: slot(2), attempt: 3 })))).toEqual(["quarantine"]);
    expect(kinds(state(candidate({ kind: "trial", slot: slot(2), attempt: 2 })))).toEqual(["resume-trial"]);
    expect(kinds(state(candidate({ kind: "trial", slot: slot(2), attempt: 3 })))).toEqual(["roll-back"]);
  });

  describe("outside the maintenance window", () => {
    const held = { kind: "held", until: 9_000, reason: "it is day" } as const;
    const closed: Maintenance = { activation: held, downloads: { kind: "allowed" }, until: 9_000 };
    const outside = (model: Partial<ModelFacts> = {}, maintenance = closed) => facts(model, { maintenance });

    it("fetches and verifies, and waits with what would change what serves", () => {
      expect(kinds(state({}), outside())).toEqual(["start-update"]);
      expect(kinds(state(candidate({ kind: "fetching" })), outside())).toEqual(["fetch-package"]);
      for (const stage of [
        { kind: "verified", slot: slot(2) },
        { kind: "preflight", slot: slot(2), attempt: 1 },
        { kind: "trial", slot: slot(2), attempt: 1 },
      ] as const)
        expect(steps(state(candidate(stage)), outside())).toEqual([
          { kind: "wait", until: 9_000, reason: "digits: it is day", held: aModel },
        ]);
    });

    it("fetches nothing either, where downloads are to wait too", () => {
      const both = outside({}, { ...closed, downloads: held });
      expect(kinds(state(candidate({ kind: "fetching" })), both)).toEqual(["wait"]);
    });

    it("never holds back a rollback, the end of a trial, the way back, or a worker's restart", () => {
      const inTrial = candidate({ kind: "trial", slot: slot(2), attempt: 3 });
      expect(kinds(state(inTrial), outside())).toEqual(["roll-back"]);
      const trial = aTrial({ startedAt: -900_000 });
      const serves = { candidate: slot(2).package, trial };
      expect(kinds(state(inTrial), outside(serves))).toEqual(["confirm"]);
      const failing = { ...serves, trial: { ...trial, inferences: 20, errors: { own: 20, shared: 0, alone: 0 } } };
      expect(kinds(state(inTrial), outside(failing))).toEqual(["roll-back"]);
      expect(kinds(state({ previous: slot(2) }), outside())).toEqual(["activate-previous"]);
      expect(kinds(state({ previous: slot(3) }, 1), outside({ rollbackWanted: "by hand" }))).toEqual(["take-back"]);
      expect(kinds(state({}, 1), outside({ active: undefined }))).toEqual(["start-worker"]);
    });

    it("does not wait where the model does not answer: there is nothing to protect", () => {
      const verified = candidate({ kind: "verified", slot: slot(2) });
      expect(kinds(state({ ...verified, active: undefined }), outside({ active: undefined }))).toEqual(["preflight"]);
      const deaths = [1, 2, 3].map((n) => ({ at: 900 + n, reason: "it crashed" }));
      expect(kinds(state(verified), outside({ active: undefined, deaths }))).toEqual(["wait", "preflight"]);
    });
  });

  describe("with a shadow before the trial", () => {
    const shaded = (model: Partial<ModelState>): AgentState => ({
      ...state(model),
      assignment: anAssignment({ models: [{ ...wants(2), shadow: { share: 0.5 } }] }),
    });
    const inShadow = candidate({ kind: "shadow", slot: slot(2), attempt: 1 });
    const health = { startedAt: 0, answered: 0, counts: nothingCompared(), lastError: "", paused: undefined };
    const runs = (overrides: Partial<ShadowHealth> = {}, rest: Partial<ModelFacts> = {}) =>
      facts({ shadow: { package: slot(2).package, health: { ...health, ...overrides } }, ...rest });

    it("does not let the previous version answer because it did before: it is an update like any other", () => {
      expect(kinds(shaded({ previous: slot(2) }))).toEqual(["start-update"]);
      expect(kinds(shaded({ previous: slot(2), active: undefined }), facts({ active: undefined }))).toEqual([
        "activate-previous",
      ]);
    });

    it("goes into shadow where it is wanted and something serves, and else into its trial", () => {
      const verified = candidate({ kind: "verified", slot: slot(2) });
      const into = (of: AgentState, seen = facts()) => steps(of, seen).map((step) => "into" in step && step.into);
      expect(into(shaded(verified))).toEqual(["shadow"]);
      expect(into(state(verified))).toEqual(["trial"]);
      expect(into(shaded({ ...verified, active: undefined }), facts({ active: undefined }))).toEqual(["trial"]);
    });

    it("stays there without a verdict about what the candidate answers", () => {
      const disagreeing = { ...nothingCompared(), compared: 1_000, disagreed: 1_000 };
      expect(steps(shaded(inShadow), runs({ answered: 1_000, counts: disagreeing }))).toEqual([
        {
          kind: "wait",
          until: minutes(2),
          reason: "digits: in shadow: 1000 compared, 1000 disagree, 0 failed, 0 skipped",
        },
      ]);
    });

    it("fails on the share of errors that a trial would allow, no sooner than that can be said", () => {
      const failing = (failed: number, answered: number) =>
        kinds(shaded(inShadow), runs({ answered, counts: { ...nothingCompared(), failed } }));
      // 5 % of at least 20.
      expect(failing(1, 0)).toEqual(["wait"]);
      expect(failing(2, 1)).toEqual(["fail"]);
      expect(failing(2, 38)).toEqual(["wait"]);
      expect(failing(3, 47)).toEqual(["fail"]);
    });

    it("starts its worker anew, and ends after three that were cut off", () => {
      expect(kinds(shaded(inShadow))).toEqual(["resume-shadow"]);
      const third = candidate({ kind: "shadow", slot: slot(2), attempt: 3 });
      expect(kinds(shaded(third))).toEqual(["fail"]);
      expect(kinds(shaded(third), facts({ candidateStopReason: "SIGSEGV" }))).toEqual(["end-shadow"]);
      // What gave way to others is not to blame.
      expect(kinds(shaded(third), facts({ candidateStopReason: "words", gaveWay: true }))).toEqual(["resume-shadow"]);
    });

    it("no longer counts attempts when it has been well for a while, which is longer each time", () => {
      expect(kinds(shaded(inShadow), runs({ startedAt: 1_000 - minutes(2) }))).toEqual(["prove-shadow"]);
      const again = candidate({ kind: "shadow", slot: slot(2), attempt: 1, proofs: 1 });
      expect(kinds(shaded(again), runs({ startedAt: 1_000 - minutes(2) }))).toEqual(["wait"]);
      expect(kinds(shaded(again), runs({ startedAt: 1_000 - minutes(4) }))).toEqual(["prove-shadow"]);
      const proved = candidate({ kind: "shadow", slot: slot(2), attempt: 0, proofs: 1 });
      expect(kinds(shaded(proved), runs({ startedAt: 1_000 - minutes(60) }))).toEqual(["wait"]);
    });

    it("leaves it when it is no longer wanted, in the maintenance window; and comes back when it is", () => {
      expect(kinds(state(inShadow), runs())).toEqual(["resume-trial"]);
      const held = { kind: "held", until: 9_000, reason: "it is day" } as const;
      const closed: Maintenance = { activation: held, downloads: { kind: "allowed" }, until: 9_000 };
      expect(steps(state(inShadow), { ...runs(), maintenance: closed })).toMatchObject([
        { kind: "wait", held: aModel },
      ]);
      expect(kinds(shaded(inShadow), facts({}, { maintenance: closed }))).toEqual(["resume-shadow"]);
      const inTrial = candidate({ kind: "trial", slot: slot(2), attempt: 1 });
      const trial = aTrial({ startedAt: 0 });
      expect(kinds(shaded(inTrial), facts({ candidate: slot(2).package, trial }))).toEqual(["resume-shadow"]);
    });

    it("needs no maintenance window, which its trial waits for; meanwhile it is judged as before", () => {
      const held = { kind: "held", until: 9_000, reason: "it is day" } as const;
      const maintenance: Maintenance = { activation: held, downloads: { kind: "allowed" }, until: 9_000 };
      const verified = candidate({ kind: "verified", slot: slot(2) });
      expect(kinds(shaded(verified), facts({}, { maintenance }))).toEqual(["preflight"]);
      expect(kinds(state(verified), facts({}, { maintenance }))).toEqual(["wait"]);
      const failing = { ...runs({ answered: 1, counts: { ...nothingCompared(), failed: 9 } }), maintenance };
      expect(kinds(state(inShadow), failing)).toEqual(["fail"]);
    });

    it("is given up when somebody on the device asks, or another package is wanted", () => {
      expect(kinds(shaded(inShadow), runs({}, { rollbackWanted: "it is slow" }))).toEqual(["fail"]);
      expect(kinds(state(inShadow, 3), runs())).toEqual(["abandon-candidate"]);
    });
  });

  it("judges a trial whose worker runs", () => {
    const trial = aTrial({ startedAt: 0 });
    const inTrial = state(candidate({ kind: "trial", slot: slot(2), attempt: 3 }));
    const seen = (overrides: Partial<typeof trial>) =>
      facts({ candidate: slot(2).package, trial: { ...trial, ...overrides } });
    expect(kinds(inTrial, seen({}))).toEqual(["wait"]);
    expect(kinds(inTrial, seen({ startedAt: -30_000, inferences: 20 }))).toEqual(["confirm"]);
    expect(kinds(inTrial, seen({ startedAt: -600_000 }))).toEqual(["confirm"]);
    expect(kinds(inTrial, seen({ inferences: 5, errors: { own: 5, shared: 0, alone: 0 } }))).toEqual(["roll-back"]);
  });

  it("ends a trial whose workers stop; what may take the device down is not tried in another variant", () => {
    const inTrial = state(candidate({ kind: "trial", slot: slot(2), attempt: 3 }));
    expect(steps(inTrial, facts({ candidateStopReason: "SIGILL" }))).toEqual([
      { kind: "end-trial", model: aModel, slot: slot(2), reason: "3 trials were cut off; last: SIGILL" },
    ]);
    expect(kinds(inTrial)).toEqual(["roll-back"]);
  });

  it("serves first: a worker that is missing is started before anything else", () => {
    expect(steps(state({}), facts({ active: undefined }))).toEqual([
      { kind: "start-worker", model: aModel, slot: slot(1) },
    ]);
  });

  it("updates while a crashing worker has to wait: the update may be the remedy", () => {
    const deaths = [0, 500, 900].map((at) => ({ at, reason: "SIGSEGV" }));
    expect(kinds(state({}), facts({ active: undefined, deaths }))).toEqual(["wait", "start-update"]);
  });

  it("leaves a crash loop where there is a previous version to go to", () => {
    const deaths = [0, 1, 2, 3, 4].map((at) => ({ at, reason: "SIGSEGV" }));
    const looping = facts({ active: undefined, deaths });
    expect(kinds(state({ previous: slot(9) }, 1), looping)).toEqual(["leave-crash-loop"]);
    expect(kinds(state({}, 1), looping)).toEqual(["wait"]);
  });

  it("activates the previous version without fetching when that is assigned", () => {
    expect(kinds(state({ previous: slot(2) }))).toEqual(["activate-previous"]);
  });

  it("does not try a package again that failed", () => {
    const failure = { package: slot(2).package, kind: "failed", reason: "off by 1" } as const;
    expect(steps(state({ failure }))).toEqual([]);
    expect(steps(state({ failure, previous: slot(2) }))).toEqual([]);
    expect(kinds(state({ failure }, 3))).toEqual(["start-update"]);
  });

  it("takes a model back when somebody on the device asks, before anything else and whatever is assigned", () => {
    const wanted = facts({ rollbackWanted: "it reads badly", active: undefined, retryAt: 5_000 });
    const ended = [
      [state({ previous: slot(9) }, 1), "take-back"],
      [state({ previous: slot(9) }, "nothing"), "take-back"],
      [state(candidate({ kind: "fetching" })), "fail"],
      [state(candidate({ kind: "preflight", slot: slot(2), attempt: 1 })), "fail"],
      [state(candidate({ kind: "trial", slot: slot(2), attempt: 1 })), "roll-back"],
    ] as const;
    for (const [of, step] of ended) expect(steps(of, wanted)).toEqual([expect.objectContaining({ kind: step })]);
    expect(kinds(state({}, 1), facts({ rollbackWanted: "it reads badly" }))).toEqual([]);
  });

  it("abandons a candidate that is not assigned any more, at every stage", () => {
    const stages: readonly CandidateStage[] = [
      { kind: "fetching" },
      { kind: "verified", slot: slot(3) },
      { kind: "preflight", slot: slot(3), attempt: 3 },
      { kind: "trial", slot: slot(3), attempt: 3 },
    ];
    for (const stage of stages)
      for (const wanted of [1, 2]) expect(kinds(state(candidate(stage, 3), wanted))).toEqual(["abandon-candidate"]);
  });

  it("removes a model that is not assigned", () => {
    expect(kinds(state({}, "nothing"))).toEqual(["remove-model"]);
    expect(kinds({ ...state({}), assignment: undefined })).toEqual([]);
  });

  it("rests after a failure, and gives a busy model nothing", () => {
    expect(kinds(state({}), facts({ retryAt: 5_000 }))).toEqual(["wait"]);
    expect(kinds(state({}), facts({}, { busy: new Set([aModel]) }))).toEqual([]);
  });

  it("gives each model a step of its own", () => {
    const other = parseModelName("faces");
    const both = { ...state({}), assignment: anAssignment({ models: [wants(2), wants(3, other)] }) };
    expect(steps(both).map((step) => "model" in step && step.model)).toEqual([aModel, other]);
  });

  it("falls back on what came with the device where nothing else can serve", () => {
    const { version } = slot(7);
    const factory = { packages: [{ model: aModel, version, package: slot(7).package }] };
    const seen = (model: Partial<ModelFacts>) => facts({ active: undefined, ...model }, { factory });
    const start = { kind: "start-factory", model: aModel };
    expect(steps(noState, seen({}))).toEqual([start]);
    expect(steps(noState, seen({ active: slot(7).package }))).toEqual([]);
    expect(steps({ ...state({}, "nothing"), models: [] }, seen({}))).toEqual([start]);
    expect(kinds(state({}, 1), seen({}))).toEqual(["start-worker"]);
    expect(kinds(state({ active: undefined }), seen({ active: slot(7).package }))).toEqual(["start-update"]);
    const deaths = [0, 1, 2, 3, 4].map((at) => ({ at, reason: "SIGSEGV" }));
    expect(kinds(state({}, 1), seen({ deaths }))).toEqual(["leave-crash-loop"]);
    expect(kinds(noState, seen({ deaths }))).toEqual(["wait"]);
    expect(kinds(state({ active: slot(7) }, 7), seen({ deaths }))).toEqual(["wait"]);
    const wanted = { active: slot(1).package, rollbackWanted: "by hand" };
    expect(kinds(state({}, 1), seen(wanted))).toEqual(["return-to-factory"]);
    expect(kinds(state({ previous: slot(9) }, 1), seen(wanted))).toEqual(["take-back"]);
  });

  it("collects garbage only when nothing else is to be done", () => {
    expect(kinds(state({}, 1), facts({}, { garbageDue: true }))).toEqual(["collect-garbage"]);
    expect(kinds(state({}), facts({}, { garbageDue: true }))).toEqual(["start-update"]);
    expect(kinds(state({}, 1), facts({}, { garbageDue: true, busy: new Set([parseModelName("faces")]) }))).toEqual([]);
  });
});

describe("a newer assignment", () => {
  it("ends what is done for a package that it does not name, and nothing else", () => {
    const target = { version: slot(2).version, package: slot(2).package, packageSize: 70 };
    const fetching = { kind: "fetch-package", model: aModel, target } as const;
    expect(isSuperseded(fetching, anAssignment({ models: [wants(2)] }))).toBe(false);
    expect(isSuperseded(fetching, anAssignment({ models: [wants(3)] }))).toBe(true);
    expect(isSuperseded({ kind: "confirm", model: aModel, reason: "" }, anAssignment({ models: [] }))).toBe(false);
  });
});
