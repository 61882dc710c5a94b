import { minutes, seconds } from "../../proto/units.ts";

/** A worker of the active model that stopped, on the clock that only goes up. */
export interface WorkerDeath {
  readonly at: number;
  readonly reason: string;
}

export const crashLoop = { deaths: 5, withinMs: minutes(10) } as const;
const restart = { baseMs: seconds(1), capMs: minutes(1) } as const;

/** True when a model that was once confirmed no longer stays up: time to go back to the previous one. */
export function isCrashLoop(deaths: readonly WorkerDeath[], now: number): boolean {
  return recent(deaths, now).length >= crashLoop.deaths;
}

/**
 * When a stopped worker is started again: the first time at once, then 1 s, 2 s, 4 s … up to a minute after its last death.
 * Example: three deaths within ten minutes, the last at 5,000: at 7,000.
 */
export function restartAt(deaths: readonly WorkerDeath[], now: number): number {
  const last = deaths.at(-1);
  const count = recent(deaths, now).length;
  if (last === undefined || count <= 1) return now;
  return last.at + Math.min(restart.capMs, restart.baseMs * 2 ** (count - 2));
}

function recent(deaths: readonly WorkerDeath[], now: number): readonly WorkerDeath[] {
  return deaths.filter((death) => now - death.at < crashLoop.withinMs);
}
