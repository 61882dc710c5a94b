import { fileURLToPath } from "node:url";

/** This project's own edge agent, from its sources. */
export const agentCommand: readonly string[] = [
  process.execPath,
  "--import",
  import.meta.resolve("tsx"),
  fileURLToPath(new URL("./agent-device.ts", import.meta.url)),
];
