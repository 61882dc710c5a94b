import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";

import { seconds } from "../../../proto/units.ts";
import { memoryOf, round } from "../conditions.ts";
import type { BenchDevice } from "./device.ts";
import { startMenderClient } from "./mender-client.ts";

export type Row = Readonly<Record<string, string | number>>;

const settleMs = seconds(8);

/** The daemon at rest, and each of its inference processes. */
export async function restingMemory(device: BenchDevice, when: string, signal: AbortSignal): Promise<readonly Row[]> {
  await delay(settleMs, undefined, { signal });
  const children = device.children();
  return [
    memoryRow(`daemon, ${when}`, [device.daemon()]),
    ...(children.length > 0
      ? [
          memoryRow(`inference process, ${when}`, children),
          memoryRow(`together, ${when}`, [device.daemon(), ...children]),
        ]
      : []),
  ];
}

/** What stands beside it on the same machine at the same time: Node that does nothing, and the client of another update system. */
export async function memoryOfOthers(directory: string, signal: AbortSignal): Promise<readonly Row[]> {
  const bare = spawn(process.execPath, ["--eval", "setInterval(() => undefined, 1000)"], { stdio: "ignore" });
  const exited = once(bare, "exit");
  await using mender = await startMenderClient(directory);
  try {
    await delay(settleMs, undefined, { signal });
    return [
      memoryRow("Node that does nothing", [bare.pid ?? 0]),
      mender === undefined
        ? { memory: "mender-client", skipped: "it is not installed (apt-get install mender-client)" }
        : { ...memoryRow("mender-client, idle", [mender.pid]), version: mender.version },
    ];
  } finally {
    bare.kill("SIGTERM");
    await exited;
  }
}

/**
 * PSS divides pages that several processes have by their number, whoever else on the machine runs the same program; alone on a device
 * the processes of a row take what is last, in which the pages that they share among them count once.
 */
function memoryRow(memory: string, pids: readonly number[]): Row {
  const all = pids.map(memoryOf);
  const residentMiB = all.reduce((sum, one) => sum + one.residentMiB, 0);
  const shared = Math.min(...all.map(({ sharedMiB }) => sharedMiB));
  return {
    memory,
    "PSS MiB": round(all.reduce((sum, one) => sum + one.proportionalMiB, 0)),
    "RSS MiB": round(residentMiB),
    "alone on a device MiB": round(residentMiB - (all.length - 1) * shared),
  };
}
