import { brotliDecompress } from "../../../edge-agent/adapters/node/brotli-decompress.ts";
import { openFileStore } from "../../../edge-agent/adapters/node/file-store.ts";
import { nodeCrypto } from "../../../edge-agent/adapters/node/node-crypto.ts";
import { systemClock } from "../../../edge-agent/adapters/node/system-clock.ts";
import { downloadAsDelta } from "../../../edge-agent/core/delta-download.ts";
import { parseDigest } from "../../../proto/ids.ts";
import { silentLog } from "../agent-world.ts";

/**
 * Makes a file out of another and a delta that is on the device already, and goes no further than a write that begins after so many
 * bytes: it waits there to be killed. Arguments: the device's directory, the digest of the base, digest and size of delta and file, and
 * those bytes where it is to wait.
 */
const [directory, base, delta, deltaSize, target, size, waitsAfter = "Infinity"] = process.argv.slice(2) as string[];
const files = await openFileStore({ directory: directory as string });
const file = { digest: parseDigest(target as string), size: Number(size) };
const patch = { digest: parseDigest(delta as string), size: Number(deltaSize) };
let written = 0;
const ports = {
  clock: systemClock,
  crypto: nodeCrypto,
  log: silentLog,
  sources: [],
  pace: { pay: async () => {} },
  claim: async () => {},
  files: {
    ...files,
    async receive(...[digest, bytes]: Parameters<typeof files.receive>) {
      const partial = await files.receive(digest, bytes);
      if (partial.resumeAt > 0) process.stdout.write(`resumes at ${partial.resumeAt}\n`);
      return {
        ...partial,
        async append(chunk: Uint8Array) {
          if (written > Number(waitsAfter)) {
            process.stdout.write("waits\n");
            // Something must be left to do, or the process ends by itself.
            setInterval(() => undefined, 60_000);
            void partial.append(chunk);
            await new Promise(() => undefined);
          }
          await partial.append(chunk);
          written += chunk.length;
        },
        [Symbol.asyncDispose]: () => partial[Symbol.asyncDispose](),
      };
    },
  },
  deltas: {
    sources: [{ find: async () => ({ kind: "ready", file: patch }) as const }],
    decompress: brotliDecompress,
  },
};
const never = new AbortController().signal;
await downloadAsDelta(file, parseDigest(base as string), ports, [0][Symbol.iterator](), never);
process.stdout.write(`done ${String(await files.has(file.digest))}\n`);
