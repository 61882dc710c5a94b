import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Conditions } from "../conditions.ts";
import { startControlPlaneProcess } from "../control-plane-process.ts";
import type { BenchResult } from "../main.ts";
import { coldStart } from "./cold-start.ts";
import { startBenchDevice } from "./device.ts";
import { idleCost } from "./idle-cost.ts";
import { measureLatency } from "./latency.ts";
import type { Row } from "./memory.ts";
import { memoryOfOthers, restingMemory } from "./memory.ts";
import { pushBenchPackages } from "./packages.ts";
import { askOften, steadyLoad } from "./steady-load.ts";
import { swapUnderLoad } from "./swap-under-load.ts";

const smallVersions = 6;
/** Five minutes of the steady load: what is asked again and again has been compiled by then. */
const compiledAfter = 6_000;

/**
 * What the agent costs a device and its applications: memory, processor, added latency, cold start, bytes on the wire, and what is
 * lost while a model is swapped. The built programs as processes of their own, over the ways that applications take.
 */
export async function benchAgent(conditions: Conditions, signal: AbortSignal): Promise<BenchResult> {
  const directory = await mkdtemp(join(tmpdir(), "sedge-bench-agent-"));
  const rows: Row[] = [];
  try {
    await using server = await startControlPlaneProcess([], signal);
    const { small, large, table } = await pushBenchPackages(server.api, smallVersions, signal);
    const fileOf = async (model: string, bytes: Uint8Array) => {
      const file = join(directory, `${model}.onnx`);
      await writeFile(file, bytes);
      return file;
    };
    const smallFile = await fileOf("small", small.bytes);
    const tableFile = await fileOf("table", table.bytes);
    {
      await using device = await startBenchDevice(server, directory, "reader", signal);
      rows.push(...(await restingMemory(device, "without a model", signal)));
      await device.update("small", "1");
      rows.push(...(await restingMemory(device, "with a small model", signal)));
      rows.push(await idleCost(device, signal));
      rows.push(...(await memoryOfOthers(directory, signal)));
      rows.push(...(await coldStart(device, small.input, smallFile, signal)));
      const [justStarted] = await steadyLoad(device, small.input, smallFile, 1, "just started", signal);
      await askOften(device, small.input, compiledAfter, signal);
      const [compiled] = await steadyLoad(device, small.input, smallFile, 1, `after ${compiledAfter} more`, signal);
      rows.push(justStarted, compiled);
      const versions = Array.from({ length: smallVersions - 1 }, (_, i) => String(i + 2));
      rows.push(...(await swapUnderLoad(device, small.input, versions, signal)));
      await device.update("small", "1");
      await device.update("large", "1");
      rows.push(...(await measureLatency(device, small, smallFile, 300, signal)));
      rows.push(...(await measureLatency(device, large, await fileOf("large", large.bytes), 100, signal)));
    }
    await using device = await startBenchDevice(server, directory, "sensors", signal);
    await device.update("table", "1");
    rows.push(...(await steadyLoad(device, table.input, tableFile, 3, "just started", signal)));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  return { name: "agent", conditions, rows, notes };
}

const notes = [
  "the daemon and its inference process are the built programs, with the options that they are installed with; the client of mender " +
    "finds no server and has done nothing yet",
  "latency in turns, ten in a row on each way, the order another one in each turn; the direct session runs in the measuring process " +
    "with the options of the agent's; `added` is the difference of the quantiles",
  "the wire is that of ten features at one window a minute; connecting, updates and samples are not in it",
];
