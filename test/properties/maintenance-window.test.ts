import fc from "fast-check";
import { expect, test } from "vitest";
import { parseMaintenanceWindow, windowAt } from "../../proto/maintenance-window.ts";
import { noFactory } from "../../edge-agent/core/factory.ts";
import { nextSteps } from "../../edge-agent/core/reconcile.ts";
import { maintenanceAt } from "../../edge-agent/core/maintenance.ts";
import type { AgentState } from "../../edge-agent/core/agent-state.ts";
import { parseModelVersion } from "../../proto/ids.ts";
import { aModel, anAssignment, digestOf } from "../support/messages.ts";
import { hours, minutes } from "../../proto/units.ts";

const days = ["mo", "tu", "we", "th", "fr", "sa", "su"] as const;
const clock = (minute: number) =>
  `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;

const aSpan = fc
  .record({
    named: fc.uniqueArray(fc.constantFrom(...days), { minLength: 1, maxLength: 7 }),
    from: fc.integer({ min: 0, max: 1439 }),
    to: fc.integer({ min: 1, max: 1440 }),
  })
  .filter(({ from, to }) => from !== to);

const slotOf = (n: number) => ({
  version: parseModelVersion(`${n}.0.0`),
  package: digestOf(n),
  variant: "fp32",
  file: digestOf(0x10 + n),
});
const [wanted] = anAssignment().models;
/** Version 1 serves, version 2 has been verified. */
const verifiedState: AgentState = {
  assignment: anAssignment({ models: wanted === undefined ? [] : [{ ...wanted, package: digestOf(2) }] }),
  models: [
    {
      model: aModel,
      active: slotOf(1),
      candidate: {
        version: slotOf(2).version,
        package: digestOf(2),
        packageSize: 70,
        stage: { kind: "verified", slot: slotOf(2) },
      },
      previous: undefined,
      failure: undefined,
      quarantined: [],
    },
  ],
  outbox: [],
};
const verifiedFacts = {
  models: new Map([
    [
      aModel,
      {
        active: digestOf(1),
        candidate: undefined,
        trial: undefined,
        shadow: undefined,
        candidateStopReason: "",
        gaveWay: false,
        deaths: [],
        retryAt: Number.NEGATIVE_INFINITY,
        rollbackWanted: undefined,
      },
    ],
  ]),
  busy: new Set<never>(),
  garbageDue: false,
};

/** A moment in the years around 2026, to the millisecond. */
const aMoment = fc.integer({ min: Date.UTC(2020), max: Date.UTC(2032) });

test("a window is open when a span of that day, or of the day before, says so, and changes exactly when it says", () => {
  fc.assert(
    fc.property(fc.array(aSpan, { minLength: 1, maxLength: 4 }), aMoment, (spans, atMs) => {
      const text = spans.map(({ named, from, to }) => `${named.join("+")} ${clock(from)}-${clock(to)}`).join(", ");
      const read = parseMaintenanceWindow(`${text} utc`);
      if (!read.ok) throw new Error(read.problems.join());
      // Said again with the calendar, day by day.
      const isOpenAt = (ms: number) => {
        const date = new Date(ms);
        const day = (date.getUTCDay() + 6) % 7;
        const minute = (ms - Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate())) / minutes(1);
        return spans.some(({ named, from, to }) => {
          const isOf = (one: number) => named.includes(days[(one + 7) % 7] as (typeof days)[number]);
          return to > from
            ? isOf(day) && minute >= from && minute < to
            : (isOf(day) && minute >= from) || (isOf(day - 1) && minute < to);
        });
      };
      const now = windowAt(read.value, atMs, 0);
      expect(now.kind === "open").toBe(isOpenAt(atMs));
      const changesAt = now.kind === "open" ? now.untilMs : now.opensAtMs;
      if (changesAt === undefined) return;
      expect(changesAt).toBeGreaterThan(atMs);
      expect(changesAt).toBeLessThanOrEqual(atMs + hours(24 * 7));
      expect(isOpenAt(changesAt - 1)).toBe(isOpenAt(atMs));
      expect(isOpenAt(changesAt)).toBe(!isOpenAt(atMs));
    }),
    { numRuns: 2_000 },
  );
});

test("an update that would change what serves is begun exactly while the window is open", () => {
  fc.assert(
    fc.property(fc.array(aSpan, { minLength: 1, maxLength: 3 }), aMoment, (spans, wallMs) => {
      const text = spans.map(({ named, from, to }) => `${named.join("+")} ${clock(from)}-${clock(to)}`).join(", ");
      const read = parseMaintenanceWindow(`${text} utc`);
      if (!read.ok) throw new Error(read.problems.join());
      const window = { window: read.value, downloads: "window" } as const;
      const maintenance = maintenanceAt(window, { wallMs, trust: "right", utcOffsetMs: 0, now: 1_000 });
      const [step] = nextSteps(verifiedState, { ...verifiedFacts, factory: noFactory, maintenance }, 1_000);
      const isOpen = windowAt(read.value, wallMs, 0).kind === "open";
      expect(step?.kind).toBe(isOpen ? "preflight" : "wait");
      // Whoever waits is not asked before something may have changed, and not after it has.
      if (step?.kind === "wait") {
        expect(step.until).toBeGreaterThan(1_000);
        expect(windowAt(read.value, wallMs + (step.until - 1_000) - 1, 0).kind).toBe("closed");
      }
    }),
    { numRuns: 1_000 },
  );
});

test("the device's time zone moves a local window, and does not touch one in UTC", () => {
  fc.assert(
    fc.property(aSpan, aMoment, fc.integer({ min: -14, max: 14 }), ({ named, from, to }, atMs, zone) => {
      const text = `${named.join("+")} ${clock(from)}-${clock(to)}`;
      const local = parseMaintenanceWindow(text);
      const utc = parseMaintenanceWindow(`${text} utc`);
      if (!local.ok || !utc.ok) throw new Error("a window that was written here");
      const shifted = windowAt(utc.value, atMs + hours(zone), hours(zone));
      expect(windowAt(local.value, atMs, hours(zone)).kind).toBe(shifted.kind);
      expect(windowAt(utc.value, atMs, hours(zone))).toEqual(windowAt(utc.value, atMs, 0));
    }),
  );
});
