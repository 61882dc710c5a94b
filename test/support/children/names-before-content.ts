import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { dirname } from "node:path";

/**
 * Preloaded into an agent, it puts in a mistake that somebody could make: a file that is being fetched has its final name from the first
 * byte on. An agent that ends in between leaves half a file under a name that says that it is whole.
 */
function finalName(path: string): string {
  return path.replace(/\/partial\/(..)([0-9a-f]{62})\.part$/, "/blobs/sha256/$1/$1$2");
}

const { open, rename, rm, stat, mkdir } = fs;

async function placed(path: unknown): Promise<string> {
  const name = finalName(String(path));
  if (name !== path) await mkdir(dirname(name), { recursive: true });
  return name;
}

fs.open = async (path, ...rest) => await open(await placed(path), ...rest);
fs.rename = async (from, to) => await rename(finalName(String(from)), to);
fs.rm = async (path, options) => await rm(finalName(String(path)), options);
fs.stat = (async (path: string) => await stat(finalName(path))) as typeof fs.stat;
// The agent has imported these by name.
syncBuiltinESMExports();
