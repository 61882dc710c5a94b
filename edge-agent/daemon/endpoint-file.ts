import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { writeFileDurably } from "../adapters/node/durable-files.ts";
import type { Logger } from "../core/ports.ts";
import { NoSpaceError } from "../core/ports.ts";
import { JsonReader } from "../../proto/json-reader.ts";
import { Problems } from "../../proto/problems.ts";
import type { LocalEndpoint } from "./local-http.ts";

/** Where the running agent of a data directory listens: the status command finds it there, also when the port was free to choose. */
const fileName = "local-endpoint.json";

export async function announceEndpoint(
  data: string,
  endpoint: LocalEndpoint,
  log: Pick<Logger, "warn">,
): Promise<AsyncDisposable> {
  const path = join(data, fileName);
  // An agent that was killed has left it behind; it is wrong now, and its room may be the last on the disk.
  await rm(path, { force: true });
  try {
    await writeFileDurably(path, Buffer.from(`${JSON.stringify(endpoint)}\n`), 0o644);
  } catch (error) {
    if (!(error instanceof NoSpaceError)) throw error;
    // Nothing that the device is for depends on it.
    log.warn({ error: error.message }, "the status command will not find this agent by its directory");
  }
  return { [Symbol.asyncDispose]: () => rm(path, { force: true }) };
}

/** Undefined when no agent runs there, or none that ended in order. */
export async function findEndpoint(data: string): Promise<LocalEndpoint | undefined> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(join(data, fileName), "utf8"));
  } catch {
    return undefined;
  }
  const problems = new Problems();
  const root = new JsonReader(json, "", problems);
  const socket = root.field("socket");
  const endpoint = socket.absent
    ? { host: root.field("host").text(64), port: root.field("port").count(65_535) }
    : { socket: socket.text(256) };
  return problems.any ? undefined : endpoint;
}
