import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { Device } from "../../control-plane/domain/device.ts";
import type { DeviceId } from "../../proto/ids.ts";
import { mergeShadowEvidence } from "../../control-plane/domain/rollout/shadow-evidence.ts";
import { mergeEvidence, noEvidence } from "../../control-plane/domain/rollout/evidence.ts";
import type { Reconciliation } from "../../control-plane/domain/rollout/reconcile-rollout.ts";
import { reconcileRollout } from "../../control-plane/domain/rollout/reconcile-rollout.ts";
import { applyCommand } from "../../control-plane/domain/rollout/rollout-command.ts";
import type { DeviceUpdate, Rollout, RolloutCommand } from "../../control-plane/domain/rollout/rollout.ts";
import type { FailureKind } from "../../proto/messages.ts";
import { failureKinds } from "../../proto/messages.ts";
import { hours, minutes } from "../../proto/units.ts";
import {
  aFleetDevice,
  anAbleDevice,
  aRollout,
  aStage,
  catalogue,
  devicesNamed,
  evidenceOf,
  newPackage,
  newVersion,
  oldPackage,
  packageOf,
  RolloutStage,
  shadowOf,
} from "../support/rollout-builders.ts";

/** One thing that happens to a rollout. Devices are picked by their number, modulo the fleet. */
type Event =
  | { readonly kind: "obeys" | "goes-offline" | "breaks" | "starts-trial" | "revert-fails"; readonly device: number }
  | { readonly kind: "fails"; readonly device: number; readonly how: FailureKind }
  | { readonly kind: "joins" }
  | { readonly kind: "telemetry"; readonly inferences: number; readonly errors: number }
  | { readonly kind: "time"; readonly ms: number }
  | { readonly kind: "command"; readonly command: RolloutCommand };

const device = fc.nat(30);
const anEvent: fc.Arbitrary<Event> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("obeys" as const), device }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        "goes-offline" as const,
        "breaks" as const,
        "starts-trial" as const,
        "revert-fails" as const,
      ),
      device,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("fails" as const), device, how: fc.constantFrom(...failureKinds) }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "joins" as const }) },
  {
    weight: 4,
    arbitrary: fc
      .record({ kind: fc.constant("telemetry" as const), inferences: fc.nat(300), errors: fc.nat(6) })
      .map((event) => ({ ...event, errors: Math.min(event.errors, event.inferences) })),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("time" as const),
      ms: fc.constantFrom(1, 1_000, 4_000, minutes(5), minutes(31), hours(1)),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("command" as const),
      command: fc.constantFrom<RolloutCommand>(
        { kind: "pause", reason: "a person" },
        { kind: "resume" },
        { kind: "resume" },
        { kind: "roll-back", reason: "a person" },
        { kind: "abort", reason: "a person" },
      ),
    }),
  },
);

const aWalk = fc.record({
  devices: fc.integer({ min: 1, max: 25 }),
  hardware: fc.integer({ min: 1, max: 3 }),
  shadow: fc.boolean(),
  errorGate: fc.boolean(),
  onFailure: fc.constantFrom("roll-back" as const, "pause" as const),
  maxFailedUpdates: fc.constantFrom(0, 0.05, 0.5),
  events: fc.array(anEvent, { maxLength: 80 }),
});

type Walk = typeof aWalk extends fc.Arbitrary<infer T> ? T : never;

const serving = [aStage("canary", 10), aStage("half", 50), aStage("everyone", 100)];
const stagesOf = ({ shadow }: Walk) =>
  shadow ? [aStage("shadow", 10, { shadow: { share: 0.5 } }), ...serving] : serving;

function begin(walk: Walk): RolloutStage {
  const { devices, hardware, errorGate, shadow, onFailure, maxFailedUpdates } = walk;
  const gates = {
    maxFailedUpdates,
    maxErrorRate: errorGate ? 0.02 : undefined,
    maxLatencyRatio: undefined,
    maxOutputDrift: undefined,
    maxWrongAnswers: undefined,
    maxDisagreement: shadow ? 0.1 : undefined,
  };
  const { profile } = anAbleDevice("device-1");
  const fleet = devicesNamed(devices, shadow ? { profile } : {}).map((one, i) => ({
    ...one,
    hardware: `hardware-${i % hardware}`,
  }));
  return new RolloutStage(aRollout({ stages: stagesOf(walk), gates, onFailure }), fleet);
}

function happen(fleet: RolloutStage, event: Event): void {
  switch (event.kind) {
    case "time":
      fleet.after(event.ms);
      return;
    case "joins":
      if (fleet.devices.size < 30) {
        const late = aFleetDevice(`late-${fleet.devices.size}`);
        fleet.devices.set(late.id, late);
      }
      return;
    case "command": {
      const applied = applyCommand(fleet.rollout, event.command, fleet.now);
      if (applied.ok) fleet.rollout = applied.value;
      return;
    }
    case "telemetry": {
      const { phase, spec } = fleet.rollout;
      const { stages } = spec;
      if (phase.kind === "running" && stages[phase.stage]?.shadow !== undefined) {
        const { inferences, errors } = event;
        const both = [{ compared: inferences, disagreed: errors }];
        fleet.evidence = {
          ...fleet.evidence,
          shadow: mergeShadowEvidence(fleet.evidence.shadow, shadowOf([...both, ...both])),
        };
        return;
      }
      const add = (parts: readonly (typeof noEvidence | undefined)[], at: number) =>
        stages.map((_, i) => mergeEvidence([parts[i] ?? noEvidence, i === at ? evidenceOf(event) : noEvidence]));
      if (phase.kind === "running")
        fleet.evidence = { ...fleet.evidence, candidate: add(fleet.evidence.candidate, phase.stage) };
      if (phase.kind === "rolling-back")
        fleet.evidence = { ...fleet.evidence, restored: add(fleet.evidence.restored, phase.stage) };
      return;
    }
    case "obeys":
    case "goes-offline":
    case "breaks":
    case "starts-trial":
    case "revert-fails":
    case "fails":
      deviceActs(fleet, event);
  }
}

function deviceActs(fleet: RolloutStage, event: Extract<Event, { readonly device: number }>): void {
  const known = [...fleet.devices.values()][event.device % fleet.devices.size] as Device;
  const update = fleet.updates.find((one) => one.device === known.id);
  const runs = known.reported?.models[0]?.active?.package;
  if (event.kind === "goes-offline") {
    fleet.devices.set(known.id, { ...known, presence: { kind: "offline", sinceMs: fleet.now, lastSeenMs: fleet.now } });
    return;
  }
  if (update?.assignedAtMs === undefined) return;
  fleet.devices.set(known.id, { ...known, presence: aFleetDevice("device-1").presence });
  const { stages } = fleet.rollout.spec;
  const isTold = update.state === "assigned" || update.state === "timed-out";
  const isTakenBack = update.state === "reverting" || update.state === "revert-failed";
  switch (event.kind) {
    case "obeys":
      if (isTold && stages[update.stage]?.shadow !== undefined) fleet.shadow(known.id);
      else if (isTold) fleet.report(known.id, newPackage);
      if (isTakenBack) fleet.report(known.id, packageOf(update.incumbent));
      return;
    case "starts-trial": {
      const candidate = { version: newVersion.version, package: newPackage, variant: "fp32" };
      if (isTold) fleet.report(known.id, runs, { phase: "trial", candidate });
      return;
    }
    case "fails":
      if (isTold) fleet.fail(known.id, event.how, "it did not work");
      return;
    case "breaks":
      if (update.state === "confirmed" || update.state === "shadowing")
        fleet.fail(known.id, "rolled-back", "crash loop");
      return;
    case "revert-fails":
      if (isTakenBack)
        fleet.report(known.id, runs, { failure: { package: oldPackage, kind: "failed", reason: "file is gone" } });
  }
}

/** Plays a walk; `check` sees the state before and the answer of every turn. */
function play(walk: Walk, check: (before: Before, answer: Reconciliation, fleet: RolloutStage) => void): RolloutStage {
  const fleet = begin(walk);
  for (const event of [{ kind: "time", ms: 0 } as const, ...walk.events]) {
    happen(fleet, event);
    const before = { rollout: fleet.rollout, updates: fleet.updates };
    check(before, fleet.turn(), fleet);
  }
  return fleet;
}

interface Before {
  readonly rollout: Rollout;
  readonly updates: readonly DeviceUpdate[];
}

const settings = { numRuns: 300 };

describe("whatever devices, telemetry, people and the clock do", () => {
  it("no device of a later stage is assigned before the earlier stages have passed", () => {
    fc.assert(
      fc.property(aWalk, (walk) => {
        const passed = new Set<string>();
        play(walk, (_, answer) => {
          for (const action of answer.actions) {
            if (action.kind === "record" && action.event === "rollout.stage-passed") passed.add(action.text);
            if (action.kind !== "assign") continue;
            const update = answer.updates.find((one) => one.device === action.device) as DeviceUpdate;
            expect(passed.size).toBeGreaterThanOrEqual(update.stage);
          }
        });
      }),
      settings,
    );
  });

  it("only devices of the stages up to the present one have been assigned anything", () => {
    fc.assert(
      fc.property(aWalk, (walk) => {
        play(walk, (_, { rollout, updates }) => {
          const phase = rollout.phase.kind === "paused" ? rollout.phase.resume : rollout.phase;
          if (phase.kind !== "running") return;
          for (const update of updates)
            if (update.assignedAtMs !== undefined) expect(update.stage).toBeLessThanOrEqual(phase.stage);
        });
      }),
      settings,
    );
  });

  it("the same question has the same answer, and an answer that is carried out leaves nothing to do twice", () => {
    fc.assert(
      fc.property(aWalk, (walk) => {
        play(walk, (before, answer, { devices, behind, evidence, now }) => {
          const input = {
            devices: [...devices.values()],
            catalogue,
            behind,
            evidence,
            elsewhere: new Set<DeviceId>(),
            now,
          };
          expect(reconcileRollout({ ...before, ...input })).toEqual(answer);
          const again = reconcileRollout({ rollout: answer.rollout, updates: answer.updates, ...input });
          const told = (actions: Reconciliation["actions"]) =>
            actions.flatMap((action) => (action.kind === "record" ? [] : [`${action.kind} ${action.device}`]));
          expect(told(again.actions).filter((action) => told(answer.actions).includes(action))).toEqual([]);
        });
      }),
      settings,
    );
  });

  it("a device is told something only when its update takes that step", () => {
    fc.assert(
      fc.property(aWalk, (walk) => {
        play(walk, (before, answer) => {
          const stateBefore = new Map(before.updates.map((update) => [update.device, update.state]));
          const stageBefore = new Map(before.updates.map((update) => [update.device, update.stage]));
          const leavesShadow = (device: DeviceId) =>
            before.rollout.spec.stages[stageBefore.get(device) ?? -1]?.shadow !== undefined &&
            answer.updates.some((update) => update.device === device && update.stage === 1);
          for (const action of answer.actions) {
            if (action.kind === "assign" && !leavesShadow(action.device))
              expect(["waiting", undefined]).toContain(stateBefore.get(action.device));
            if (action.kind === "revert")
              expect(["reverting", "reverted", "revert-failed", "waiting"]).not.toContain(
                stateBefore.get(action.device),
              );
          }
        });
      }),
      settings,
    );
  });

  it("every answer is explained, and every verdict has its reason", () => {
    fc.assert(
      fc.property(aWalk, (walk) => {
        play(walk, (_, { explanation, rollout }) => {
          expect(explanation).not.toBe("");
          expect(rollout.decision?.explanation).toBe(explanation);
          for (const gate of rollout.decision?.gates ?? []) expect(gate.reason).not.toBe("");
        });
      }),
      settings,
    );
  });

  it("a stage passes only with the inferences that its gates need and with every device settled", () => {
    fc.assert(
      fc.property(aWalk, (walk) => {
        play(walk, (before, answer, { evidence }) => {
          if (before.rollout.phase.kind !== "running") return;
          const { stage } = before.rollout.phase;
          const went = answer.rollout.phase;
          const moved = went.kind === "complete" || (went.kind === "running" && went.stage > stage);
          const members = answer.updates.filter(
            (update) => update.stage === stage && update.assignedAtMs !== undefined,
          );
          if (!moved || members.length === 0) return;
          expect(members.every((update) => update.settledAtMs !== undefined)).toBe(true);
          if (walk.errorGate) expect(evidence.candidate[stage]?.inferences).toBeGreaterThanOrEqual(100);
        });
      }),
      settings,
    );
  });

  it("in shadow no device is told to answer with the new version, and when that is over none is left in shadow", () => {
    fc.assert(
      fc.property(aWalk, (walk) => {
        const inShadow = new Set<string>();
        play({ ...walk, shadow: true }, (_, { actions, rollout }) => {
          for (const action of actions)
            if (action.kind === "assign" && action.shadow !== undefined) inShadow.add(action.device);
            else if (action.kind !== "record") inShadow.delete(action.device);
          const phase = rollout.phase.kind === "paused" ? rollout.phase.resume : rollout.phase;
          if (phase.kind !== "running" || phase.stage > 0) expect([...inShadow]).toEqual([]);
          else
            for (const action of actions) if (action.kind === "assign") expect(action.shadow).toEqual({ share: 0.5 });
        });
      }),
      settings,
    );
  });

  it("the shadow passes only with enough compared, within the limit, where something could be compared", () => {
    fc.assert(
      fc.property(aWalk, (walk) => {
        play({ ...walk, shadow: true }, (before, answer, { evidence }) => {
          if (before.rollout.phase.kind !== "running" || before.rollout.phase.stage > 0) return;
          if (answer.rollout.phase.kind !== "running" || answer.rollout.phase.stage === 0) return;
          if (!before.updates.some(({ state }) => state === "shadowing")) return;
          const counted = [...evidence.shadow.devices.values()];
          const sum = (field: "compared" | "disagreed") => counted.reduce((all, one) => all + one[field], 0);
          expect(sum("compared")).toBeGreaterThanOrEqual(100);
          expect(sum("disagreed") / sum("compared")).toBeLessThanOrEqual(0.1);
        });
      }),
      settings,
    );
  });

  it("what is over stays over, unless a person rolls it back", () => {
    fc.assert(
      fc.property(aWalk, (walk) => {
        play(walk, (before, answer) => {
          const { phase } = before.rollout;
          if (phase.kind === "complete" || phase.kind === "aborted" || phase.kind === "rolled-back")
            expect(answer.rollout.phase).toEqual(phase);
        });
      }),
      settings,
    );
  });

  it("a rollback comes to its end with every device on what it had, or marked as not back", () => {
    fc.assert(
      fc.property(aWalk, (walk) => {
        const fleet = play(walk, () => undefined);
        const asked = applyCommand(fleet.rollout, { kind: "roll-back", reason: "the end" }, fleet.now);
        if (asked.ok) fleet.rollout = asked.value;
        for (let i = 0; i < 20 && fleet.rollout.phase.kind !== "rolled-back"; i++) {
          if (fleet.rollout.phase.kind === "paused") fleet.command({ kind: "resume" });
          fleet.after(hours(1)).turn();
        }
        expect(fleet.rollout.phase.kind).toBe("rolled-back");
        for (const update of fleet.updates) {
          if (update.assignedAtMs === undefined) continue;
          expect(["reverted", "revert-failed"]).toContain(update.state);
          const runs = fleet.devices.get(update.device)?.reported?.models[0]?.active?.package;
          if (update.state === "reverted") expect(runs).toBe(packageOf(update.incumbent));
        }
      }),
      settings,
    );
  });

  it("a fleet that obeys and infers without errors comes to the end of the rollout", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 5 }),
        fc.boolean(),
        (devices, hardware, shadow) => {
          const fleet = begin({
            devices,
            hardware,
            shadow,
            errorGate: true,
            onFailure: "roll-back",
            maxFailedUpdates: 0,
            events: [],
          });
          const candidate = fleet.rollout.spec.stages.map(() => evidenceOf({ inferences: 150 }));
          const answers = evidenceOf({ inferences: 150 });
          const paired = shadowOf([{ compared: 75 }, { compared: 75 }], answers);
          fleet.evidence = { ...fleet.evidence, candidate, shadow: paired };
          for (let i = 0; i < 10; i++) {
            fleet.turn();
            fleet.obey();
            fleet.turn();
            fleet.after(4_000);
          }
          expect(fleet.rollout.phase.kind).toBe("complete");
          expect(fleet.inState("confirmed").map((update) => update.device)).toHaveLength(devices);
        },
      ),
    );
  });
});
