import { once } from "node:events";
import type { Logger } from "../application/ports.ts";
import type { ServerConfig } from "./config.ts";
import type { ControlPlane } from "./services.ts";
import { startControlPlane } from "./services.ts";

export interface RunServerOptions {
  readonly log: Logger;
  readonly version: string;
  /** Called when everything is up. */
  readonly ready?: (controlPlane: ControlPlane) => void;
}

/** Runs a control plane until the signal, and then ends it in order. @throws what startControlPlane throws */
export async function runServer(config: ServerConfig, options: RunServerOptions, signal: AbortSignal): Promise<void> {
  const { log, version, ready } = options;
  signal.throwIfAborted();
  await using controlPlane = await startControlPlane(config, log, version);
  // A person reads the addresses first, above the log.
  ready?.(controlPlane);
  log.info({ ...controlPlane.addresses, data: controlPlane.dataDirectory }, "the control plane is ready");
  if (!signal.aborted) await once(signal, "abort");
  log.info({}, "the control plane ends: it takes in what is on its way");
}
