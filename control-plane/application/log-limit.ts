/** Lets one line a second through and counts the others: a thousand devices with one fault must not fill the disk. */
export interface LogLimit {
  /** Calls `write` with the number of lines that were held back since the last one, or not at all. */
  write(now: number, write: (heldBack: number) => void): void;
}

const lineEveryMs = 1_000;

export function createLogLimit(): LogLimit {
  let nextAt = Number.NEGATIVE_INFINITY;
  let heldBack = 0;
  return {
    write(now, write) {
      if (now < nextAt) {
        heldBack += 1;
        return;
      }
      const count = heldBack;
      nextAt = now + lineEveryMs;
      heldBack = 0;
      write(count);
    },
  };
}
