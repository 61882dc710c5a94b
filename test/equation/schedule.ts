import * as fc from "fast-check";
import type { LinkQuality } from "../../edge-agent/simulator/fault-plan.ts";
import type { Lane } from "../../proto/telemetry-messages.ts";
import { lanes } from "../../proto/telemetry-messages.ts";
import { kibibytes, minutes, seconds } from "../../proto/units.ts";
import type { DeathOfControl } from "./control-side.ts";
import type { DeathOfDevice } from "./device-side.ts";

/** What happens to a device, its link and its control plane, one after the other. */
export type Step =
  | { readonly kind: "records"; readonly lane: Lane; readonly count: number }
  | { readonly kind: "time"; readonly ms: number }
  | { readonly kind: "link-breaks"; readonly awayMs: number }
  | {
      readonly kind: "device-dies";
      readonly how: DeathOfDevice;
      readonly afterOperations: number;
      readonly downMs: number;
    }
  | { readonly kind: "device-disk-full"; readonly ms: number }
  | { readonly kind: "control-dies"; readonly when: DeathOfControl; readonly downMs: number }
  | { readonly kind: "control-disk-full"; readonly ms: number }
  | { readonly kind: "control-copied" }
  | { readonly kind: "control-restored" }
  /** Its disk is copied to a second device, which runs instead of the first from now on; or the first one comes back. */
  | { readonly kind: "disk-cloned" }
  | { readonly kind: "other-device" };

export interface Schedule {
  readonly seed: number;
  readonly link: LinkQuality;
  readonly quotaBytes: number;
  readonly steps: readonly Step[];
}

const stepsOfOneDevice: readonly fc.WeightedArbitrary<Step>[] = [
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("records" as const),
      lane: fc.constantFrom(...lanes),
      count: fc.integer({ min: 1, max: 8 }),
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("time" as const), ms: fc.nat(seconds(40)) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("link-breaks" as const), awayMs: fc.nat(seconds(60)) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("device-dies" as const),
      how: fc.constantFrom("killed" as const, "power-cut" as const),
      afterOperations: fc.nat(40),
      downMs: fc.nat(seconds(10)),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("device-disk-full" as const), ms: fc.nat(seconds(30)) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("control-dies" as const),
      when: fc.constantFrom("before" as const, "within" as const, "after" as const),
      downMs: fc.nat(seconds(20)),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("control-disk-full" as const), ms: fc.nat(seconds(20)) }) },
  { weight: 1, arbitrary: fc.constant({ kind: "control-copied" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "control-restored" as const }) },
];

const clones: readonly fc.WeightedArbitrary<Step>[] = [
  { weight: 1, arbitrary: fc.constant({ kind: "disk-cloned" as const }) },
  { weight: 3, arbitrary: fc.constant({ kind: "other-device" as const }) },
];

function scheduleOf(steps: readonly fc.WeightedArbitrary<Step>[], quotas: readonly number[]): fc.Arbitrary<Schedule> {
  return fc.record({
    seed: fc.nat(),
    link: fc.record({
      lossShare: fc.double({ min: 0, max: 0.3, noNaN: true }),
      doubleShare: fc.double({ min: 0, max: 0.3, noNaN: true }),
      maxDelayMs: fc.nat(seconds(20)),
    }),
    quotaBytes: fc.constantFrom(...quotas),
    steps: fc.array(fc.oneof(...steps), { minLength: 5, maxLength: 40 }),
  });
}

/** One device with one disk: the equation holds without an exception. */
export const honestSchedule = scheduleOf(stepsOfOneDevice, [kibibytes(2), kibibytes(64)]);

/** Two disks with one identity. */
export const clonedSchedule = scheduleOf([...stepsOfOneDevice, ...clones], [kibibytes(64)]);

/** What is left to do is done in this time, or the schedule has failed. */
export const patienceMs = minutes(5);
