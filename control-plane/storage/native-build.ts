import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Database as SqliteHandle, Options } from "better-sqlite3";
import Sqlite from "better-sqlite3";
import { isAtLeast } from "../../proto/program-version.ts";

/** better-sqlite3 is machine code that was made for one line of Node's versions when it was installed, and it does not go with this one. */
export class NativeBuildError extends Error {
  override readonly name = "NativeBuildError";
}

/** Opens a database, and says what to do where the machine code does not go with the Node that runs. @throws NativeBuildError */
export function openSqlite(file: string, options?: Options): SqliteHandle {
  const handle = load(() => new Sqlite(file, options));
  if (isProved) return handle;
  if (endsItsProcess(process.versions.node, () => readFileSync(join(packageDirectory(), addonFile)))) {
    handle.close();
    throw new NativeBuildError(
      `Node ${process.versions.node} would end this process at any moment: better-sqlite3 was compiled here with the headers of a ` +
        `Node that has a fault (24.19 to 24.21). Use Node 24.22 or newer, or Node 22 and \`npm rebuild better-sqlite3\``,
    );
  }
  isProved = true;
  return handle;
}

const addonFile = "build/Release/better_sqlite3.node";
let isProved = false;

/**
 * Whether collecting garbage ends the process: Node 24.19 to 24.21 do so (SIGABRT) when they collect an object of an addon that was
 * compiled with their headers, and better-sqlite3 has such an object for each statement. Those headers ask Node for the environment
 * of the moment, of which a collection has none (nodejs/node issue 65446); Node 24.22 knows what to do then. The builds that npm
 * fetches for better-sqlite3 12.9 were compiled before.
 */
export function endsItsProcess(nodeVersion: string, readAddon: () => Uint8Array): boolean {
  if (!isAtLeast(nodeVersion, "24.19.0") || isAtLeast(nodeVersion, "24.22.0")) return false;
  return Buffer.from(readAddon()).includes("RemoveEnvironmentCleanupHook");
}

/** Of `dlopen`: made for another Node. Of the package that looks for the file: never made. */
const isBuildAtFault = /NODE_MODULE_VERSION|bindings file/;

function load(open: () => SqliteHandle): SqliteHandle {
  try {
    return open();
  } catch (error) {
    if (!(error instanceof Error) || !isBuildAtFault.test(error.message)) throw error;
    const project = join(packageDirectory(), "../..");
    throw new NativeBuildError(
      `the database's library is not made for Node ${process.versions.node}: run \`npm rebuild better-sqlite3\` in ${project} with ` +
        `this Node, or start sedge with the Node that installed it`,
      { cause: error },
    );
  }
}

function packageDirectory(): string {
  return dirname(createRequire(import.meta.url).resolve("better-sqlite3/package.json"));
}
