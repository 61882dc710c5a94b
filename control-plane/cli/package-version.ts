import { readFileSync } from "node:fs";

/** The built program lies one folder deeper (dist/) than its source. */
export function packageVersion(): string {
  const file = import.meta.url.endsWith(".ts") ? "../../package.json" : "../../../package.json";
  const { version } = JSON.parse(readFileSync(new URL(file, import.meta.url), "utf8")) as { version: string };
  return version;
}
