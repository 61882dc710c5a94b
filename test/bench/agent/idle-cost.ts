import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

import { seconds } from "../../../proto/units.ts";
import { cpuSeconds, round } from "../conditions.ts";
import type { BenchDevice } from "./device.ts";
import type { Row } from "./memory.ts";

const watchedMs = seconds(60);

/** How often a device that is asked nothing wakes up, all threads of the daemon and of its inference process, and for how long. */
export async function idleCost(device: BenchDevice, signal: AbortSignal): Promise<Row> {
  const look = () => ({
    at: performance.now(),
    daemon: wakeUps(device.daemon()),
    children: device.children().reduce((sum, pid) => sum + wakeUps(pid), 0),
    spent: [device.daemon(), ...device.children()].reduce((sum, pid) => sum + cpuSeconds(pid), 0),
  });
  const before = look();
  await delay(watchedMs, undefined, { signal });
  const after = look();
  const passed = (after.at - before.at) / 1_000;
  return {
    idle: `${round(passed)} s with a small model`,
    "wake-ups of the daemon a second": round((after.daemon - before.daemon) / passed, 2),
    "wake-ups of the inference process a second": round((after.children - before.children) / passed, 2),
    "processor % of a core": round((100 * (after.spent - before.spent)) / passed, 2),
  };
}

/** Whoever waits gives up the processor of its own will, and does so once for each time that it is woken. */
function wakeUps(pid: number): number {
  const ofThread = (thread: string) =>
    Number(
      /^voluntary_ctxt_switches:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/task/${thread}/status`, "utf8"))?.[1] ?? 0,
    );
  return readdirSync(`/proc/${pid}/task`).reduce((sum, thread) => sum + ofThread(thread), 0);
}
