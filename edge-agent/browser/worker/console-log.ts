import type { Logger } from "../../core/ports.ts";

/** For whoever opens the browser's tools. */
export const consoleLog: Logger = {
  debug: (fields, sentence) => console.debug(`sedge: ${sentence}`, fields),
  info: (fields, sentence) => console.info(`sedge: ${sentence}`, fields),
  warn: (fields, sentence) => console.warn(`sedge: ${sentence}`, fields),
  error: (fields, sentence) => console.error(`sedge: ${sentence}`, fields),
};
