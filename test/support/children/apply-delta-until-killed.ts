import { brotliDecompress } from "../../../edge-agent/adapters/node/brotli-decompress.ts";
import { openFileStore } from "../../../edge-agent/adapters/node/file-store.ts";
import { nodeCrypto } from "../../../edge-agent/adapters/node/node-crypto.ts";
import { systemClock } from "../../../edge-agent/adapters/node/system-clock.ts";
import { downloadAsDelta } from "../../../edge-agent/core/delta-download.ts";
import { parseDigest } from "../../../proto/ids.ts";
import { silentLog } from "../agent-world.ts";

/**
 * Makes a file out of another and a delta that is on the device already, and says how far it is. Arguments: the device's directory, and
 * digest and size of base, delta and file.
 */
const [directory, base, delta, deltaSize, target, size] = process.argv.slice(2) as string[];
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
          await partial.append(chunk);
          process.stdout.write(`wrote ${(written += chunk.length)}\n`);
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
