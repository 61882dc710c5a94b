import { minutes, seconds } from "../../proto/units.ts";
import type { DeviceOptions, DeviceStatus } from "./worker/agent-messages.ts";
import type { WorkerLine } from "./worker-line.ts";
import { workerLine } from "./worker-line.ts";

export interface LastingLineOptions {
  readonly startWorker: () => Worker;
  readonly device: DeviceOptions;
  readonly onStatus: (status: DeviceStatus) => void;
}

export interface LastingLine extends Pick<WorkerLine, "call" | "stop"> {
  /** Ends the worker at once, and begins no other. */
  leave(reason: string): void;
  /** After `leave`: another worker begins. */
  comeBack(): void;
}

const longestPatienceMs = minutes(2);
const longestPauseMs = seconds(5);

/**
 * A line to a worker in whose place another one comes when it fails, gives up or never says a word: only the end of a worker ends
 * what it has asked the browser for. Each time the next one is more patient, so that a browser that is only slow gets there too.
 */
export function lastingLine({ startWorker, device, onStatus }: LastingLineOptions): LastingLine {
  let patienceMs = device.patienceMs;
  let pause: ReturnType<typeof setTimeout> | undefined;
  const begin = (): WorkerLine => {
    pause = undefined;
    const line = workerLine(startWorker(), {
      onStatus(status) {
        if (status.kind === "running") ({ patienceMs } = device);
        onStatus(status);
      },
      onLost(reason) {
        pause = setTimeout(() => (current = begin()), Math.min(patienceMs, longestPauseMs));
        patienceMs = Math.min(2 * patienceMs, longestPatienceMs);
        onStatus({ kind: "failed", reason });
      },
    });
    line.start({ ...device, patienceMs });
    return line;
  };
  let current = begin();
  return {
    call: (...asked) => current.call(...asked),
    async stop() {
      if (pause === undefined) return await current.stop();
      clearTimeout(pause);
      onStatus({ kind: "stopped" });
    },
    leave(reason) {
      clearTimeout(pause);
      current.end(reason);
    },
    comeBack() {
      onStatus({ kind: "starting", waitsFor: "" });
      current = begin();
    },
  };
}
