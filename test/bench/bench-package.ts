import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import type { ApiClient } from "../../control-plane/cli/api-client.ts";
import { readModelSpec } from "../../control-plane/packaging/model-spec.ts";
import { packageModel } from "../../control-plane/packaging/package-model.ts";
import { createPublisherKey } from "../../control-plane/packaging/publisher-key.ts";
import { parseModelName, parseModelVersion } from "../../proto/ids.ts";

const digits = fileURLToPath(new URL("../fixtures/digits/digits-1.yaml", import.meta.url));

/** Pushes the digits model under the name "bench", as versions "1" to `versions`. */
export async function packageForBench(api: ApiClient, versions: number, signal: AbortSignal): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "sedge-bench-key-"));
  try {
    const key = await createPublisherKey(join(directory, "publisher.pem"));
    await api.addPublisher(key.publicKey);
    const spec = await readModelSpec(digits);
    for (let version = 1; version <= versions; version++) {
      const renamed = { ...spec, name: parseModelName("bench"), version: parseModelVersion(String(version)) };
      const made = await packageModel(renamed, key, { createdAtMs: Date.now() }, signal);
      for (const { digest, bytes } of made.files) await api.putArtifact(digest, bytes);
      await api.pushModel(made.bundle);
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
