import fc from "fast-check";
import { expect, it } from "vitest";

import type { Device } from "../../control-plane/domain/device.ts";
import { reconcileRollout } from "../../control-plane/domain/rollout/reconcile-rollout.ts";
import type { DeviceUpdate, Rollout } from "../../control-plane/domain/rollout/rollout.ts";
import type { RolloutAndDevices } from "../../control-plane/domain/rollout/rollouts-side-by-side.ts";
import { devicesElsewhere } from "../../control-plane/domain/rollout/rollouts-side-by-side.ts";
import { parseRolloutId } from "../../proto/ids.ts";
import { aFleetDevice, aRollout, catalogue, nothingCounted, startMs } from "../support/rollout-builders.ts";

const sites = ["lyon", "paris", "rome"] as const;
const selectors = ["site=lyon", "site=paris", "site in (lyon, rome)", "not site=rome", "all"] as const;

type Event =
  | { readonly kind: "turn"; readonly rollout: number }
  | { readonly kind: "label"; readonly device: number; readonly site: (typeof sites)[number] }
  | { readonly kind: "join"; readonly site: (typeof sites)[number] };

const site = fc.constantFrom(...sites);
const anEvent: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ kind: fc.constant("turn" as const), rollout: fc.nat(2) }),
  fc.record({ kind: fc.constant("label" as const), device: fc.nat(20), site }),
  fc.record({ kind: fc.constant("join" as const), site }),
);

it("rollouts that are under way at once never have the same device, whatever becomes of labels", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...selectors), { minLength: 3, maxLength: 3 }),
      fc.array(fc.nat(1), { minLength: 3, maxLength: 3 }),
      fc.array(anEvent, { minLength: 1, maxLength: 60 }),
      (wanted, ages, events) => {
        const devices: Device[] = [];
        const live = wanted.map((selector, i): { rollout: Rollout; updates: readonly DeviceUpdate[] } => ({
          rollout: aRollout({ selector }, { id: parseRolloutId(`r-${i}`), createdAtMs: startMs + (ages[i] ?? 0) }),
          updates: [],
        }));
        for (const event of events) {
          happen(event, devices, live);
          const had = live.flatMap(({ updates }) => updates.map(({ device }) => device));
          expect(new Set(had).size).toBe(had.length);
        }
      },
    ),
  );
});

function happen(event: Event, devices: Device[], live: { rollout: Rollout; updates: readonly DeviceUpdate[] }[]): void {
  switch (event.kind) {
    case "join":
      devices.push(aFleetDevice(`device-${devices.length}`, { labels: { site: event.site } }));
      return;
    case "label": {
      const at = event.device % Math.max(1, devices.length);
      const device = devices[at];
      if (device !== undefined) devices[at] = { ...device, labels: { site: event.site } };
      return;
    }
    case "turn": {
      const own = live[event.rollout];
      if (own === undefined) return;
      const others: readonly RolloutAndDevices[] = live.filter((other) => other !== own);
      const elsewhere = devicesElsewhere(own.rollout, others, devices);
      const input = { ...own, devices, catalogue, behind: new Set<never>(), evidence: nothingCounted, elsewhere };
      Object.assign(own, reconcileRollout({ ...input, now: startMs }));
    }
  }
}
