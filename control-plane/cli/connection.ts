import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { usageError } from "./exit-codes.ts";
import type { Fetch, ServerTrust } from "./server-trust.ts";
import { fetchTrusting } from "./server-trust.ts";

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
    if (token === undefined) throw usageError(`the token for ${server} is missing: --token TOKEN or SEDGE_TOKEN`);
    return { server: checkedUrl(server), token, ...(await trusting(authorityTrust(flags, environment))) };
  }
  const data = dataDirectory(flags.data, environment);
  const own = await readOwnConnection(data);
  const { url, certificate } = own;
  const trust: ServerTrust | undefined =
    authorityTrust(flags, environment) ??
    (certificate === undefined ? undefined : { kind: "certificate", file: certificate });
  return { server: url, token: token ?? (await readToken(data)), ...(await trusting(trust)) };
}

function dataDirectory(flag: string | undefined, environment: Environment): string {
  return flag ?? nonEmpty(environment["SEDGE_DATA"]) ?? ".sedge";
}

function authorityTrust({ ca }: ConnectionFlags, environment: Environment): ServerTrust | undefined {
  const file = ca ?? nonEmpty(environment["SEDGE_CA"]);
  return file === undefined ? undefined : { kind: "authority", file };
}

async function trusting(trust: ServerTrust | undefined): Promise<Pick<Connection, "fetch">> {
  return trust === undefined ? {} : { fetch: await fetchTrusting(trust) };
}

interface OwnConnection {
  readonly url: string;
  /** The file with what the server shows over TLS. */
  readonly certificate: string | undefined;
}

async function readOwnConnection(data: string): Promise<OwnConnection> {
  const file = join(data, "connection.json");
  const text = await readFile(file, "utf8").catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === "ENOENT" ? `there is no ${file}` : `${file} cannot be read (${cause.code})`;
    throw usageError(`no control plane is known: ${why}; ${howTo}`);
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
