import { hours, minutes, seconds } from "../../proto/units.ts";
import type { Clock, Logger } from "./ports.ts";
import type { Database } from "./stores.ts";

/**
 * What grows with time is deleted by its age, and before that where there is more of it than there is room for: the oldest first, slice by slice, so
 * that ingest gets its turn. How much was deleted stays counted (`usage` in stores.ts), and what had to go before its time is told: nobody
 * should look for last week's windows and believe that there were none. Deleting is not un-receiving: the books of the lanes stay as they are.
 */
export interface Retention {
  /** One look. Deletes until everything is within its limits. */
  tick(signal: AbortSignal): Promise<void>;
  /** Until the signal. */
  run(signal: AbortSignal): Promise<void>;
}

/** How long one kind of thing is kept, and how much of it. */
export interface RetentionRule {
  /** For people, in the plural. */
  readonly what: string;
  readonly ageMs: number;
  /** Deletes a slice of what is older; 0: nothing is. */
  readonly deleteBefore: (ms: number) => Promise<number>;
  readonly room?: {
    readonly bytes: number;
    /** Where somebody gives it more. */
    readonly setting: string;
    /** Deletes a slice of the oldest while there is more than that; 0: there is not. */
    readonly deleteBeyond: (bytes: number) => Promise<number>;
  };
}

export interface RetentionOptions {
  readonly rules: readonly RetentionRule[];
  readonly database: Pick<Database, "events">;
  readonly clock: Clock;
  readonly log: Logger;
  /** Called when what is old was deleted. */
  readonly deleted: () => void;
}

/** A fleet at full speed writes some hundred megabytes in this time. */
const lookEveryMs = seconds(10);
const ageEveryMs = minutes(10);
/** Of one kind of thing that had to go before its time. */
const tellEveryMs = hours(1);
/** Between two slices. */
const restMs = 20;

export function createRetention({ rules, database, clock, log, deleted }: RetentionOptions): Retention {
  const early = new Map<RetentionRule, { rows: number; toldAtMs: number }>();
  let agedAtMs = -Infinity;

  async function all(deleteSlice: () => Promise<number>, signal: AbortSignal): Promise<number> {
    let rows = 0;
    for (;;) {
      const slice = await deleteSlice();
      if (slice === 0) return rows;
      rows += slice;
      await clock.sleep(restMs, signal);
    }
  }

  async function tell(rule: RetentionRule, room: NonNullable<RetentionRule["room"]>): Promise<void> {
    const account = early.get(rule);
    const atMs = clock.now();
    if (account === undefined || account.rows === 0 || atMs - account.toldAtMs < tellEveryMs) return;
    const text =
      `${account.rows} ${rule.what} were deleted before their time, the oldest first: ` +
      `there is room for ${Math.round(room.bytes / 1024 ** 2)} MiB of them (${room.setting})`;
    await database.events.add({ atMs, kind: "storage.deleted-early", device: undefined, rollout: undefined, text });
    log.warn({ rows: account.rows }, text);
    early.set(rule, { rows: 0, toldAtMs: atMs });
  }

  async function tick(signal: AbortSignal): Promise<void> {
    const ages = clock.now() - agedAtMs >= ageEveryMs;
    for (const rule of rules) {
      if (ages) await all(() => rule.deleteBefore(clock.now() - rule.ageMs), signal);
      const { room } = rule;
      if (room === undefined) continue;
      const rows = await all(() => room.deleteBeyond(room.bytes), signal);
      const account = early.get(rule) ?? { rows: 0, toldAtMs: -Infinity };
      early.set(rule, { ...account, rows: account.rows + rows });
      await tell(rule, room);
    }
    if (!ages) return;
    agedAtMs = clock.now();
    deleted();
  }

  return {
    tick,
    async run(signal) {
      while (!signal.aborted) {
        try {
          await tick(signal);
        } catch (error) {
          if (signal.aborted) return;
          log.error({ err: error }, "what is old could not be deleted; trying again");
        }
        await clock.sleep(lookEveryMs, signal).catch(() => undefined);
      }
    },
  };
}
