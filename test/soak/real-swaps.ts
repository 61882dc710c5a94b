import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { askRollback } from "../../edge-agent/daemon/running-agent.ts";
import { parseModelName } from "../../proto/ids.ts";
import { seconds } from "../../proto/units.ts";
import { startBenchDevice } from "../bench/agent/device.ts";
import { binaryRequest, HttpStream } from "../bench/agent/http-stream.ts";
import { pushBenchPackages } from "../bench/agent/packages.ts";
import { memoryOf } from "../bench/conditions.ts";
import { startControlPlaneProcess } from "../bench/control-plane-process.ts";
import type { Sample } from "./slope.ts";

export interface RealSwaps {
  /** By the number of swaps; MiB. V8's heap and what lies outside of it for objects in it (the bytes of buffers). */
  readonly held: readonly Sample[];
  readonly resident: readonly Sample[];
  readonly processesInTheEnd: number;
}

const measureEvery = 10;

/**
 * The built daemon with real inference processes: an update from the control plane, then back again by hand, over and over, with
 * inferences in between. After every tenth swap the daemon collects its garbage and says what is left.
 */
export async function swapForReal(
  swaps: number,
  warmUp: number,
  tell: (line: string) => void,
  signal: AbortSignal,
): Promise<RealSwaps> {
  const directory = await mkdtemp(join(tmpdir(), "sedge-soak-"));
  try {
    await using server = await startControlPlaneProcess([], signal);
    const { small } = await pushBenchPackages(server.api, 2, signal);
    await using device = await startBenchDevice(server, directory, "soak", signal, { measurable: true });
    await device.update("small", "1");
    const model = parseModelName("small");
    const request = binaryRequest(small.input);
    const held: Sample[] = [];
    const resident: Sample[] = [];
    for (let swap = 1; swap <= warmUp + swaps; swap++) {
      signal.throwIfAborted();
      if (swap % 2 === 1) await device.update("small", "2");
      else {
        const outcome = await askRollback(device.data, { model, reason: "the soak goes back", isFaulty: false });
        if (outcome.kind === "refused") throw new Error(`swap ${swap} was refused: ${outcome.reason}`);
      }
      using stream = await HttpStream.open({ path: device.socket });
      for (let i = 0; i < 20; i++) await stream.ask(request);
      if (swap <= warmUp || swap % measureEvery !== 0) continue;
      // The old inference process is on its way out.
      await delay(seconds(1), undefined, { signal });
      const { heapUsed, external } = await device.collectGarbage();
      held.push({ at: swap, value: (heapUsed + external) / 2 ** 20 });
      resident.push({ at: swap, value: memoryOf(device.daemon()).proportionalMiB });
      tell(
        `${swap} swaps: ${held.at(-1)?.value.toFixed(2)} MiB held, ${resident.at(-1)?.value.toFixed(1)} MiB of memory`,
      );
    }
    return { held, resident, processesInTheEnd: device.children().length };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
