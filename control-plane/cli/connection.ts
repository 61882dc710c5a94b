import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { CommandError, exitCodes, usageError } from "./exit-codes.ts";
import type { Fetch, ServerTrust } from "./server-trust.ts";

/** Which control plane, and the operator token for it. */
export interface Connection {
  readonly server: string;
  readonly token: string;
  /** Undefined: Node's own, which believes the authorities that the system knows. */
  readonly fetch?: Fetch | undefined;
}

export interface ConnectionFlags {
  readonly server?: string | undefined;
  readonly token?: string | undefined;
  /** PEM file of an authority. */
  readonly ca?: string | undefined;
  /** Data directory of the control plane on this machine. */
  readonly data?: string | undefined;
}

/** It is known where the control plane is, and not who asks. */
export class MissingTokenError extends CommandError {
  override readonly name = "MissingTokenError";
  readonly there: Omit<Connection, "token">;

  constructor(there: Omit<Connection, "token">) {
    super(
      exitCodes.usage,
      `the token for ${there.server} is missing: --token TOKEN or SEDGE_TOKEN (\`sedge serve\` keeps the first in the file operator-token of its data directory)`,
    );
    this.there = there;
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

const howTo =
  "start one here with `sedge serve`, or say where it is: --server URL --token TOKEN, or SEDGE_SERVER and SEDGE_TOKEN";

/**
 * Flags come before the environment, and that before what `sedge serve` left in its data directory (--data, else $SEDGE_DATA, else ./.sedge). The token in
 * the data directory belongs to the server that wrote it: it is never sent to another one.
 */
export async function findConnection(flags: ConnectionFlags, environment: Environment): Promise<Connection> {
  const server = flags.server ?? (flags.data === undefined ? nonEmpty(environment["SEDGE_SERVER"]) : undefined);
  const token = flags.token ?? (flags.data === undefined ? nonEmpty(environment["SEDGE_TOKEN"]) : undefined);
  if (server !== undefined) {
    const there = { server: checkedUrl(server), ...(await trusting(authorityTrust(flags, environment))) };
    if (token === undefined) throw new MissingTokenError(there);
    return { ...there, token };
  }
  const data = dataDirectory(flags.data, environment);
  const own = await readOwnConnection(data);
  const { url, certificate } = own;
  const trust: ServerTrust | undefined =
    authorityTrust(flags, environment) ??
    (certificate === undefined ? undefined : { kind: "certificate", pem: certificate });
  return { server: url, token: token ?? (await readToken(data)), ...(await trusting(trust)) };
}

/** Of the control plane on this machine. */
export function dataDirectory(flag: string | undefined, environment: Environment): string {
  return flag ?? nonEmpty(environment["SEDGE_DATA"]) ?? ".sedge";
}

function authorityTrust({ ca }: ConnectionFlags, environment: Environment): ServerTrust | undefined {
  const file = ca ?? nonEmpty(environment["SEDGE_CA"]);
  return file === undefined ? undefined : { kind: "authority", file };
}

async function trusting(trust: ServerTrust | undefined): Promise<Pick<Connection, "fetch">> {
  if (trust === undefined) return {};
  const { fetchTrusting } = await import("./server-trust.ts");
  return { fetch: await fetchTrusting(trust) };
}

interface OwnConnection {
  readonly url: string;
  /** PEM, what the server shows over TLS. */
  readonly certificate: string | undefined;
}

async function readOwnConnection(data: string): Promise<OwnConnection> {
  const file = join(data, "connection.json");
  const text = await readFile(file, "utf8").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== "ENOENT") throw usageError(`${file} cannot be read (${cause.code}); ${howTo}`);
    // It goes when the control plane ends.
    throw new CommandError(exitCodes.unreachable, `no control plane runs on ${data}: there is no ${file}; ${howTo}`);
  });
  const url = textIn(text, "url");
  if (url === undefined) throw usageError(`${file} holds no "url" of a control plane; ${howTo}`);
  return { url: checkedUrl(url), certificate: textIn(text, "certificate") };
}

async function readToken(data: string): Promise<string> {
  const file = join(data, "operator-token");
  const text = await readFile(file, "utf8").catch((cause: NodeJS.ErrnoException) => {
    throw usageError(`the operator token ${file} cannot be read (${cause.code}); run as the user of \`sedge serve\``);
  });
  return text.trim();
}

function textIn(file: string, name: string): string | undefined {
  try {
    const json: unknown = JSON.parse(file);
    const value = typeof json === "object" && json !== null ? (json as Record<string, unknown>)[name] : undefined;
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}

function checkedUrl(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw usageError(`"${text}" is not the address of a control plane: write http://host:port`);
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}
