import { toldLog } from "../../adapters/portable/told-log.ts";

/** For whoever opens the browser's tools, and for whoever asks the device for its log. */
export const consoleLog = toldLog({
  debug: (fields, sentence) => console.debug(`sedge: ${sentence}`, fields),
  info: (fields, sentence) => console.info(`sedge: ${sentence}`, fields),
  warn: (fields, sentence) => console.warn(`sedge: ${sentence}`, fields),
  error: (fields, sentence) => console.error(`sedge: ${sentence}`, fields),
});
