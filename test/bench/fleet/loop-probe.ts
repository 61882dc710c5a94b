import { readFile } from "node:fs/promises";
import { quantile, round } from "../conditions.ts";

const everyMs = 10;

/**
 * Loaded into the control plane's process before it: notes once a second how late a timer of 10 ms was each time, and the memory of the
 * process. Plain JavaScript, because the built program runs without a loader.
 */
export const loopProbe = `data:text/javascript,${encodeURIComponent(`
import { appendFileSync } from "node:fs";
const file = process.env.SEDGE_BENCH_LOOP;
let due = performance.now() + ${everyMs};
let lags = [];
setInterval(() => {
  const now = performance.now();
  lags.push(Math.max(0, Math.round(10 * (now - due)) / 10));
  due = now + ${everyMs};
}, ${everyMs}).unref();
setInterval(() => {
  appendFileSync(file, JSON.stringify({ atMs: Date.now(), lags, rss: process.memoryUsage.rss() }) + "\\n");
  lags = [];
}, 1000).unref();
`)}`;

interface Second {
  readonly atMs: number;
  readonly lags: readonly number[];
  readonly rss: number;
}

export interface LoopFigures {
  readonly "loop p50 ms": number;
  readonly "loop p99 ms": number;
  readonly "loop max ms": number;
  readonly "rss MiB": number;
}

/**
 * How long somebody who comes at a random moment waits for the event loop. A stop of one second is noted once, but whoever comes in it
 * waits: it counts for everybody who would have come every 10 ms. Nothing is said of a span too short to have been noted.
 */
export async function readLoop(file: string, fromMs: number, toMs: number): Promise<Partial<LoopFigures>> {
  const text = await readFile(file, "utf8").catch(() => "");
  const seconds = text
    .split("\n")
    .filter((line) => line.endsWith("}"))
    .map((line) => JSON.parse(line) as Second)
    .filter(({ atMs }) => atMs >= fromMs + 800 && atMs <= toMs + 1_000);
  const waits = seconds.flatMap(({ lags }) => lags.flatMap(waitsDuring));
  if (waits.length === 0) return {};
  return {
    "loop p50 ms": round(quantile(waits, 0.5)),
    "loop p99 ms": round(quantile(waits, 0.99)),
    "loop max ms": round(quantile(waits, 1)),
    "rss MiB": Math.round(Math.max(...seconds.map(({ rss }) => rss)) / 2 ** 20),
  };
}

function waitsDuring(lag: number): number[] {
  const waits = [lag];
  for (let left = lag - everyMs; left > 0; left -= everyMs) waits.push(left);
  return waits;
}
