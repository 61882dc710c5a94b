import { setTimeout as delay } from "node:timers/promises";

import { quantile, round } from "../conditions.ts";
import type { BenchDevice } from "./device.ts";
import { binaryRequest, HttpStream } from "./http-stream.ts";
import type { Row } from "./memory.ts";
import type { BenchInput } from "./packages.ts";

const streams = 4;
const perSecond = 200;

interface Load {
  readonly latencies: number[];
  readonly answeredAt: number[];
  readonly versions: Map<string, number>;
  readonly lost: string[];
}

/**
 * Updates of the model while it is asked 200 times a second over four connections: every request counts, and nobody asks twice.
 * The same span without an update stands beside it, for what the machine itself makes of it.
 */
export async function swapUnderLoad(
  device: BenchDevice,
  input: BenchInput,
  versions: readonly string[],
  signal: AbortSignal,
): Promise<readonly Row[]> {
  const began = performance.now();
  const swapping = await underLoad(device, input, async () => {
    for (const version of versions) await device.update(input.model, version);
  });
  const ms = performance.now() - began;
  const quiet = await underLoad(device, input, () => delay(ms, undefined, { signal }));
  return [row(`${versions.length} updates`, swapping), row("no update", quiet)];
}

async function underLoad(device: BenchDevice, input: BenchInput, work: () => Promise<void>): Promise<Load> {
  const load: Load = { latencies: [], answeredAt: [], versions: new Map(), lost: [] };
  const request = binaryRequest(input);
  const over = new AbortController();
  const lanes = Array.from({ length: streams }, (_, lane) => ask(device, request, lane, load, over.signal));
  try {
    await work();
  } finally {
    over.abort();
    await Promise.all(lanes);
  }
  return load;
}

/** Asks at its own moments of a steady beat; what comes late is asked at once after. */
async function ask(
  device: BenchDevice,
  request: Uint8Array,
  lane: number,
  load: Load,
  over: AbortSignal,
): Promise<void> {
  const everyMs = (1_000 * streams) / perSecond;
  let stream = await HttpStream.open({ path: device.socket });
  let due = performance.now() + (lane * everyMs) / streams;
  while (!over.aborted) {
    await delay(Math.max(0, due - performance.now()));
    const began = performance.now();
    try {
      const { status, text } = await stream.ask(request);
      const version = /"model_version":"([^"]+)"/.exec(text)?.[1];
      if (status !== 200 || version === undefined) load.lost.push(`${status} ${text.slice(0, 200)}`);
      else {
        load.latencies.push(performance.now() - began);
        load.answeredAt.push(performance.now());
        load.versions.set(version, 1 + (load.versions.get(version) ?? 0));
      }
    } catch (error) {
      load.lost.push(String(error));
      stream[Symbol.dispose]();
      stream = await HttpStream.open({ path: device.socket });
    }
    due = Math.max(due + everyMs, performance.now());
  }
  stream[Symbol.dispose]();
}

function row(swap: string, { latencies, answeredAt, versions, lost }: Load): Row {
  const gaps = answeredAt.slice(1).map((at, i) => at - (answeredAt[i] as number));
  return {
    "under load": swap,
    requests: latencies.length + lost.length,
    lost: lost.length,
    ...(lost.length > 0 && { "first lost": lost[0] as string }),
    "versions that answered": [...versions.keys()].toSorted().join(" "),
    "longest pause ms": round(Math.max(...gaps)),
    "p50 ms": round(quantile(latencies, 0.5), 2),
    "p99 ms": round(quantile(latencies, 0.99), 2),
    "slowest ms": round(quantile(latencies, 1)),
  };
}
