/**
 * A device has hours in which it may change what serves. Outside of them a new version is fetched and verified (unless downloads are
 * to wait too), and then waits: its golden set is not run, it is not tried, it does not take over.
 *
 * The window protects what serves. So nothing is held back on a device where the model does not answer: the first version of a model,
 * and one that replaces a version that keeps crashing. Neither is what undoes a change: a rollback, the return to a version that was
 * confirmed here before, the restart of a worker. Nor is a candidate in shadow, which answers nobody; its trial waits for the window,
 * and the candidate goes on in shadow until then. A trial that began in the window goes on to its end when the window closes: it
 * serves already. One that was cut off after that waits for the next window.
 *
 * A device whose clock is behind a time that has certainly passed does not know whether the window is open. It takes it for closed
 * and says so, until its clock is set or it has heard from its control plane, which signs what it sends with the time.
 */
import type { MaintenanceWindow, WindowState } from "../../proto/maintenance-window.ts";
import { windowAt } from "../../proto/maintenance-window.ts";
import { minutes } from "../../proto/units.ts";
import type { ClockTrust } from "./floored-clock.ts";

export interface MaintenanceSettings {
  readonly window: MaintenanceWindow;
  readonly downloads: "any" | "window";
}

/** What may happen now. `until` is on the clock that only goes up: when to ask again. */
export interface Maintenance {
  readonly activation: Permission;
  readonly downloads: Permission;
  /** When either answer may change; undefined: never. */
  readonly until: number | undefined;
}

export type Permission =
  | { readonly kind: "allowed" }
  | { readonly kind: "held"; readonly until: number; readonly reason: string };

export interface MaintenanceMoment {
  readonly wallMs: number;
  readonly trust: ClockTrust;
  /** What the device's time zone is ahead of UTC at that moment. */
  readonly utcOffsetMs: number;
  /** On the clock that only goes up. */
  readonly now: number;
}

/** Longer than this is not waited at once: clocks are set and summer begins. */
const longestWaitMs = minutes(10);
const allowed: Permission = { kind: "allowed" };
export const always: Maintenance = { activation: allowed, downloads: allowed, until: undefined };

export function maintenanceAt({ window, downloads }: MaintenanceSettings, moment: MaintenanceMoment): Maintenance {
  const { wallMs, trust, utcOffsetMs, now } = moment;
  const state = windowAt(window, wallMs, utcOffsetMs);
  // A window that never closes asks for no clock.
  if (state.kind === "open" && state.untilMs === undefined) return always;
  const answer = (permission: Permission, until: number): Maintenance => ({
    activation: permission,
    downloads: downloads === "window" ? permission : allowed,
    until,
  });
  if (trust === "unknown") {
    const until = now + minutes(1);
    const reason = `its clock is not set (${clockText(wallMs)} at the earliest): nobody knows whether the maintenance window is open`;
    return answer({ kind: "held", until, reason }, until);
  }
  const until = now + Math.min(longestWaitMs, changesAt(state, wallMs) - wallMs);
  if (state.kind === "open") return answer(allowed, until);
  const reason = `outside the maintenance window, which opens ${clockText(state.opensAtMs)}`;
  return answer({ kind: "held", until, reason }, until);
}

function changesAt(state: WindowState, wallMs: number): number {
  return state.kind === "closed" ? state.opensAtMs : (state.untilMs ?? wallMs + longestWaitMs);
}

/** In UTC, to the minute. */
function clockText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
