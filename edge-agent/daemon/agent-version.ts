import { readFileSync } from "node:fs";

/** The version in package.json, which lies one level above the bundle, two above this file's source and three above its compiled form. */
export const agentVersion = readVersion();

function readVersion(): string {
  for (const place of ["../package.json", "../../package.json", "../../../package.json"]) {
    try {
      const { version } = JSON.parse(readFileSync(new URL(place, import.meta.url), "utf8")) as { version?: unknown };
      if (typeof version === "string") return version;
    } catch {
      // Not there: the next place.
    }
  }
  return "unknown";
}
