import { join } from "node:path";

/** What lies in the data directory, by what it is for. Nothing of the agent lies anywhere else. */
export const dataDirectory = {
  /** Which models there are, and their files. */
  models: ["state.a", "state.b", "blobs", "partial"],
  /** Telemetry that the control plane does not have yet. */
  spool: ["spool"],
  /** Who this device is, and whom it believes. */
  credential: ["credential.json"],
  logs: ["log"],
  /** Of one run of the agent. */
  run: ["local-endpoint.json", "control.sock"],
} as const;

export type DataPart = keyof typeof dataDirectory;

export function logDirectory(data: string): string {
  return join(data, "log");
}

/** Where the running agent hears commands: whoever may write in the data directory may give them, and nobody else. */
export function controlSocket(data: string): string {
  return join(data, "control.sock");
}
