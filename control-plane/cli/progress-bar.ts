import { seconds } from "../../proto/units.ts";
import type { Progress } from "../packaging/progress.ts";
import { formatDuration } from "./duration.ts";
import type { Terminal } from "./terminal.ts";

/** Nothing is shown of what is over sooner, and a bar is not drawn more often. */
const shownAfterMs = seconds(1);
const drawnEveryMs = 100;
const width = 24;
const clearLine = "\r\u001B[K";

/**
 * Shows how far long work is, on the error output: a bar with an estimate of what is left where a person looks, one line for each piece
 * of work elsewhere. Example: "calibrating    ██████████              41 %, 12s left".
 */
export function progressBar(terminal: Pick<Terminal, "err" | "isErrorTTY">, now: () => number): Progress {
  let label = "";
  let total = 0;
  let beganAt = 0;
  let drawnAt = Number.NEGATIVE_INFINITY;
  let isDrawn = false;

  const clear = () => {
    if (isDrawn && terminal.isErrorTTY) terminal.err(clearLine);
    isDrawn = false;
  };
  return {
    begin(newLabel, newTotal) {
      clear();
      label = newLabel;
      total = newTotal;
      beganAt = now();
      drawnAt = Number.NEGATIVE_INFINITY;
    },
    advance(done) {
      const spentMs = now() - beganAt;
      if (label === "" || spentMs < shownAfterMs || done >= total) return;
      if (!terminal.isErrorTTY) {
        if (!isDrawn) terminal.err(`${label} …\n`);
        isDrawn = true;
        return;
      }
      if (now() - drawnAt < drawnEveryMs) return;
      drawnAt = now();
      isDrawn = true;
      terminal.err(clearLine + lineOf(label, done / total, (spentMs / done) * (total - done)));
    },
    end() {
      clear();
      label = "";
    },
  };
}

/** `leftMs` is not finite as long as nothing is done. */
function lineOf(label: string, share: number, leftMs: number): string {
  const full = Math.round(share * width);
  const left = Number.isFinite(leftMs) ? `, ${formatDuration(Math.max(leftMs, seconds(1)))} left` : "";
  return `${label}  ${"█".repeat(full)}${"░".repeat(width - full)}  ${Math.floor(100 * share)} %${left}`;
}
