import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/**
 * The version of an npm package as it lies here; undefined when it is not installed. Some packages do not let their package.json be
 * imported, so it is looked for above the file that an import would load.
 */
export function installedVersion(name: string): string | undefined {
  let from: string;
  try {
    from = createRequire(import.meta.url).resolve(name);
  } catch {
    return undefined;
  }
  for (let directory = dirname(from); directory !== dirname(directory); directory = dirname(directory)) {
    const description = readDescription(join(directory, "package.json"));
    if (description?.name === name) return description.version;
  }
  return undefined;
}

function readDescription(path: string): { readonly name?: string; readonly version?: string } | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as { readonly name?: string; readonly version?: string };
  } catch {
    return undefined;
  }
}
