/**
 * Applies a delta as a device does, in a process of its own. Arguments: a device's directory, digest of the base, digest and size of the
 * delta, digest and size of the file. Says DeltaApplyFigures as JSON.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { brotliDecompress } from "../../edge-agent/adapters/node/brotli-decompress.ts";
import { openFileStore } from "../../edge-agent/adapters/node/file-store.ts";
import { nodeCrypto } from "../../edge-agent/adapters/node/node-crypto.ts";
import { systemClock } from "../../edge-agent/adapters/node/system-clock.ts";
import { downloadAsDelta } from "../../edge-agent/core/delta-download.ts";
import { parseDigest } from "../../proto/ids.ts";

export interface DeltaApplyFigures {
  readonly ms: number;
  /** The most that the process had beyond what it had before. */
  readonly peakMiB: number;
}

const [directory, base, delta, deltaSize, target, size] = process.argv.slice(2) as string[];
const fail = (fields: object, sentence: string) => {
  throw new Error(`${sentence}: ${JSON.stringify(fields)}`);
};
const file = { digest: parseDigest(target as string), size: Number(size) };
const patch = { digest: parseDigest(delta as string), size: Number(deltaSize) };
const ports = {
  clock: systemClock,
  crypto: nodeCrypto,
  log: { debug() {}, info() {}, warn: fail, error: fail },
  sources: [],
  pace: { pay: async () => {} },
  claim: async () => {},
  files: await openFileStore({ directory: directory as string }),
  deltas: {
    sources: [{ find: async () => ({ kind: "ready", file: patch }) as const }],
    decompress: brotliDecompress,
  },
};
// The peak from here on; proc_pid_clear_refs: 5 sets VmHWM to what is resident now.
writeFileSync("/proc/self/clear_refs", "5");
const before = statusMiB("VmRSS");
const startedAt = performance.now();
await downloadAsDelta(file, parseDigest(base as string), ports, [0][Symbol.iterator](), new AbortController().signal);
const ms = performance.now() - startedAt;
const figures: DeltaApplyFigures = { ms, peakMiB: statusMiB("VmHWM") - before };
process.stdout.write(JSON.stringify(figures));

function statusMiB(name: string): number {
  const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(readFileSync("/proc/self/status", "utf8"))?.[1];
  return Number(kibibytes ?? Number.NaN) / 1024;
}
