import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { ConnectionOptions } from "node:tls";
import { checkServerIdentity } from "node:tls";
import { usageError } from "./exit-codes.ts";

/** Whom to believe, beside the authorities that the system knows. */
export type ServerTrust =
  /** A PEM file of an authority: names in certificates below it count. */
  | { readonly kind: "authority"; readonly file: string }
  /** PEM, what the server on this machine shows itself. It need not name 127.0.0.1: the very same certificate is proof enough. */
  | { readonly kind: "certificate"; readonly pem: string };

export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

/** Node's own fetch takes no authorities: the library that it is made of does. @throws CommandError when the file cannot be used */
export async function fetchTrusting(trust: ServerTrust): Promise<Fetch> {
  const pem = trust.kind === "certificate" ? trust.pem : await readAuthority(trust.file);
  const first = certificateIn(pem);
  if (first === undefined)
    throw usageError(
      `${trust.kind === "certificate" ? "connection.json" : trust.file} holds no certificate in PEM form`,
    );
  // Loading it takes longer than most commands do.
  const { Agent, fetch: fetchWith } = await import("undici");
  const dispatcher = new Agent({
    connect: trust.kind === "authority" ? { ca: pem } : { ca: pem, ...onlyOrNamed(first) },
  });
  // The types of Node's copy of the library and of the library differ in what is not used here.
  const ask = fetchWith as unknown as (url: string, init: object) => Promise<Response>;
  return (url, init) => ask(url, { ...init, dispatcher });
}

async function readAuthority(file: string): Promise<string> {
  return await readFile(file, "utf8").catch((cause: NodeJS.ErrnoException) => {
    throw usageError(`the certificate ${file} cannot be read (${cause.code})`);
  });
}

function onlyOrNamed(
  expected: X509Certificate,
): Pick<ConnectionOptions, "allowPartialTrustChain" | "checkServerIdentity"> {
  return {
    // The file may end below the authority.
    allowPartialTrustChain: true,
    checkServerIdentity: (host, shown) =>
      shown.fingerprint256 === expected.fingerprint256 ? undefined : checkServerIdentity(host, shown),
  };
}

function certificateIn(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}
