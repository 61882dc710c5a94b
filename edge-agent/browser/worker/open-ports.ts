import { brotliDecompress, loadBrotli } from "../../adapters/browser/brotli-decompress.ts";
import { browserClock } from "../../adapters/browser/browser-clock.ts";
import { browserRandom } from "../../adapters/browser/browser-random.ts";
import type { DeviceDatabase } from "../../adapters/browser/device-database.ts";
import { browserProfile, memoryOf } from "../../adapters/browser/device-profile.ts";
import type { Enrolment } from "../../adapters/browser/enrolment-store.ts";
import { httpArtifactSource } from "../../adapters/browser/http-artifact-source.ts";
import { httpDeltaSource } from "../../adapters/browser/http-delta-source.ts";
import { indexedFileStore } from "../../adapters/browser/indexed-file-store.ts";
import { openIndexedSpool } from "../../adapters/browser/indexed-spool.ts";
import { openIndexedStateStore } from "../../adapters/browser/indexed-state-store.ts";
import { onnxRuntimeInWorker } from "../../adapters/browser/onnxruntime-worker.ts";
import { webCrypto } from "../../adapters/browser/web-crypto.ts";
import { mqttBus } from "../../adapters/portable/mqtt-bus.ts";
import { defaultMemoryBudget } from "../../core/memory-budget.ts";
import type { DeltaSource, Logger, Ports } from "../../core/ports.ts";
import { seconds } from "../../../proto/units.ts";
import { consoleLog } from "./console-log.ts";
import type { StorageFacts } from "./agent-messages.ts";
import { withinPatience } from "./within-patience.ts";

export interface OpenPortsOptions {
  readonly enrolment: Enrolment;
  readonly database: DeviceDatabase;
  /** The browser has taken away what was stored, and left the enrolment. */
  readonly wasLost: boolean;
  readonly memoryBudget: number | undefined;
}

/** The real adapters over one database of this page. Take the lock first. */
export async function openPorts({ enrolment, database, wasLost, memoryBudget }: OpenPortsOptions): Promise<Ports> {
  const { server, secret, trust, mqttUrl, hardware } = enrolment;
  const { device } = trust;
  const { log, lines } = consoleLog;
  const files = indexedFileStore({
    database,
    crypto: webCrypto,
    // A browser that does not tell says so with an error when there is no more.
    freeBytes: async () => freeIn(await storageFacts()) ?? Number.POSITIVE_INFINITY,
  });
  const machine = navigator as WorkerNavigator & { deviceMemory?: number };
  const runtime = onnxRuntimeInWorker({
    version: buildFacts.runtimeVersion,
    files,
    // One model may take what all together may: when several do, some rest.
    maxMemoryBytes: memoryBudget ?? defaultMemoryBudget(memoryOf(machine)),
    startWorker: () =>
      new Worker(new URL("../../adapters/browser/inference-worker.ts", import.meta.url), {
        type: "module",
        name: "sedge model",
      }),
  });
  return {
    clock: browserClock,
    random: browserRandom,
    bus: mqttBus({ urls: [mqttUrl], device, secret, clock: browserClock, log }),
    files,
    sources: [httpArtifactSource({ server, device, secret })],
    deltas: {
      sources: [whereUnpacked(httpDeltaSource({ server, device, secret }), log)],
      decompress: brotliDecompress,
    },
    state: await openIndexedStateStore({ database, crypto: webCrypto, log }),
    spool: await openIndexedSpool({ database, random: browserRandom, wasLost }),
    crypto: webCrypto,
    trust,
    runtime,
    profile: browserProfile(machine, hardware, runtime),
    // The rest of the machine's health stays hidden from a page.
    health: {
      async read() {
        const free = freeIn(await storageFacts());
        return free === undefined ? {} : { "disk-free": free };
      },
    },
    log,
    lines,
  };
}

/** Where the decoder cannot be had, there is no use in a delta: the whole file is fetched at once. */
function whereUnpacked(source: DeltaSource, log: Logger): DeltaSource {
  return {
    async find(base, target, signal) {
      try {
        // A network that keeps silent must not keep the update away.
        const patience = { clock: browserClock, ms: seconds(30), onSlow: () => undefined };
        await withinPatience("the decoder of deltas", loadBrotli(), patience, signal);
      } catch (error) {
        signal.throwIfAborted();
        log.warn({ error: String(error) }, "deltas cannot be unpacked here");
        return { kind: "none" };
      }
      return await source.find(base, target, signal);
    },
  };
}

/** Rejects with BrowserSilentError where the browser does not come to an end with counting. WebKitGTK has no `navigator.storage`. */
export async function storageFacts(): Promise<StorageFacts> {
  const storage = (navigator as { readonly storage?: StorageManager }).storage;
  const counted = Promise.all([storage?.estimate(), storage?.persisted()]);
  const patience = { clock: browserClock, ms: seconds(10), onSlow: () => undefined };
  const never = new AbortController().signal;
  const [estimate, persisted] = await withinPatience("the use of the storage", counted, patience, never);
  return { persisted: persisted ?? false, usedBytes: estimate?.usage, quotaBytes: estimate?.quota };
}

function freeIn({ usedBytes, quotaBytes }: StorageFacts): number | undefined {
  return usedBytes === undefined || quotaBytes === undefined ? undefined : Math.max(0, quotaBytes - usedBytes);
}
