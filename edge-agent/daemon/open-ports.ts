import { join } from "node:path";
import { brotliDecompress } from "../adapters/node/brotli-decompress.ts";
import type { Enrolment } from "../adapters/node/credential-store.ts";
import { readDeviceProfile } from "../adapters/node/device-profile.ts";
import { openFileSpool } from "../adapters/node/file-spool.ts";
import { openFactoryDirectory } from "../adapters/node/factory-directory.ts";
import { openFileStore } from "../adapters/node/file-store.ts";
import { createHealthSensors } from "../adapters/node/health-sensors.ts";
import { httpArtifactSource } from "../adapters/node/http-artifact-source.ts";
import { httpDeltaSource } from "../adapters/node/http-delta-source.ts";
import { mqttBus } from "../adapters/portable/mqtt-bus.ts";
import { nodeCrypto } from "../adapters/node/node-crypto.ts";
import { openStateStore } from "../adapters/node/state-store.ts";
import { systemClock } from "../adapters/node/system-clock.ts";
import { systemRandom } from "../adapters/node/system-random.ts";
import type { InferenceRuntime, Logger, Ports, WrittenLines } from "../core/ports.ts";
import type { AgentConfig } from "./config.ts";

export interface OpenPortsOptions {
  readonly data: string;
  readonly enrolment: Enrolment;
  /** May still be being chosen: everything else is read meanwhile. */
  readonly runtime: InferenceRuntime | Promise<InferenceRuntime>;
  /** Undefined: as the configuration does where it says nothing. */
  readonly disk?: AgentConfig["disk"];
  /** The directory of what came with the device; undefined: nothing did. */
  readonly factory?: string;
  readonly log: Logger;
  /** Undefined: the device never sends lines of its log. */
  readonly lines?: WrittenLines;
}

export interface OpenedPorts extends AsyncDisposable {
  readonly ports: Ports;
}

/** The real adapters over one data directory. Lock the directory first. */
export async function openPorts(options: OpenPortsOptions): Promise<OpenedPorts> {
  const { data, enrolment, disk, log, lines } = options;
  const { server, secret, trust, mqttUrls: urls, hardware, serverAuthority } = enrolment;
  const { device } = trust;
  const access = { server, device, secret, serverAuthority };
  const files = await openFileStore({
    directory: data,
    ...(disk !== undefined && { reservedBytes: disk.keepFreeBytes }),
    ...(disk?.modelBytes !== undefined && { mostBytes: disk.modelBytes }),
  });
  const state = await openStateStore({ directory: data, log });
  const factory =
    options.factory !== undefined &&
    (await openFactoryDirectory({ directory: options.factory, crypto: nodeCrypto, trust, log }));
  const runtime = await options.runtime;
  const profile = await readDeviceProfile({ hardware, runtime });
  // Last: it is the one that has to be closed.
  const spool = await openFileSpool({ directory: join(data, "spool"), random: systemRandom, log });
  return {
    ports: {
      clock: systemClock,
      random: systemRandom,
      bus: mqttBus({ urls, device, secret, serverAuthority, clock: systemClock, log }),
      files,
      ...(factory && { factory }),
      sources: [httpArtifactSource(access)],
      deltas: { sources: [httpDeltaSource(access)], decompress: brotliDecompress },
      state,
      spool,
      crypto: nodeCrypto,
      trust,
      runtime,
      profile,
      health: createHealthSensors({
        freeDiskBytes: () => files.freeBytes(),
        pid: process.pid,
        monotonic: () => systemClock.monotonic(),
      }),
      log,
      lines,
    },
    [Symbol.asyncDispose]: () => spool[Symbol.asyncDispose](),
  };
}
