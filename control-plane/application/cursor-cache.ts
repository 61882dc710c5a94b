import type { DeviceId } from "../../proto/ids.ts";
import type { Lane } from "../../proto/telemetry-messages.ts";

/** Cursors as they are in the database, so that a batch costs no query. Full, it starts again: the database is the truth. */
export interface CursorCache {
  get(key: string): number | undefined;
  set(key: string, cursor: number): void;
  /** The next look is into the database. */
  forget(key: string): void;
}

const largest = 100_000;

export function createCursorCache(): CursorCache {
  const cursors = new Map<string, number>();
  return {
    get: (key) => cursors.get(key),
    set(key, cursor) {
      if (cursors.size >= largest && !cursors.has(key)) cursors.clear();
      cursors.set(key, cursor);
    },
    forget: (key) => void cursors.delete(key),
  };
}

/** Neither device ids nor lanes hold a space. */
export function cursorKey(device: DeviceId, lane: Lane, epoch: string): string {
  return `${device} ${lane} ${epoch}`;
}
