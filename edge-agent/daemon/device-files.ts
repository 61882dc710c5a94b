import { loadEnrolment } from "../adapters/node/credential-store.ts";
import { openFactoryDirectory } from "../adapters/node/factory-directory.ts";
import { openFileStore } from "../adapters/node/file-store.ts";
import { nodeCrypto } from "../adapters/node/node-crypto.ts";
import type { Factory } from "../core/factory-port.ts";
import { noFactory, withFactoryFiles } from "../core/factory.ts";
import type { FileStore, Logger } from "../core/ports.ts";
import type { AgentConfig } from "./config.ts";

export interface DeviceFiles {
  readonly files: FileStore;
  readonly factory: Factory;
}

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** The files that slots may name, for commands that look at them: also while no agent runs, and before the device is enrolled. */
export async function openDeviceFiles({ data, factory: directory }: AgentConfig, log = silent): Promise<DeviceFiles> {
  const enrolment = await loadEnrolment(data).catch(() => undefined);
  const factory =
    enrolment === undefined
      ? noFactory
      : await openFactoryDirectory({ directory, crypto: nodeCrypto, trust: enrolment.trust, log });
  return { files: withFactoryFiles(await openFileStore({ directory: data }), factory.files), factory };
}
