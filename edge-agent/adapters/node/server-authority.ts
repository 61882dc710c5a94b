import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import type { DetailedPeerCertificate } from "node:tls";
import { connect } from "node:tls";
import { seconds } from "../../../proto/units.ts";

export class ServerAuthorityError extends Error {
  override readonly name = "ServerAuthorityError";
}

const patienceMs = seconds(10);

/**
 * The certificate of the authority that a person names for a server: `sha256:` and its fingerprint, or a PEM file. Resolves with PEM.
 * A fingerprint is looked for among the certificates that the server shows. Whoever stands in the way can show others, but none with
 * that fingerprint; and nothing is said to the server before its own certificate has been checked against what was found.
 *
 * @throws ServerAuthorityError
 */
export async function findServerAuthority(named: string, server: URL, signal: AbortSignal): Promise<string> {
  const fingerprint = /^sha256:([0-9a-f]{64})$/i.exec(named)?.[1]?.toLowerCase();
  if (fingerprint !== undefined) return await fetchAuthority(fingerprint, server, signal);
  const pem = await readFile(named, "utf8").catch((cause: NodeJS.ErrnoException) => {
    throw new ServerAuthorityError(`${named} cannot be read (${cause.code}): give a PEM file, or sha256:FINGERPRINT`);
  });
  if (!isCertificate(pem)) throw new ServerAuthorityError(`${named} holds no certificate in PEM form`);
  return pem;
}

export function isCertificate(pem: string): pem is string {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}

async function fetchAuthority(fingerprint: string, server: URL, signal: AbortSignal): Promise<string> {
  if (server.protocol !== "https:")
    throw new ServerAuthorityError(
      `${server.origin} is not reached over TLS, so it shows no certificate: write https://`,
    );
  const host = server.hostname.replace(/^\[|\]$/g, "");
  const socket = connect({
    host,
    port: Number(server.port || 443),
    // A proxy in front of several servers shows the certificate of the one that is named; an address is no name.
    ...(isIP(host) === 0 && { servername: host }),
    // Only to look at what it shows.
    rejectUnauthorized: false,
  });
  try {
    await once(socket, "secureConnect", { signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]) });
    const shown = chainOf(socket.getPeerCertificate(true));
    const authority = shown.find((certificate) => fingerprintOf(certificate) === fingerprint);
    if (authority !== undefined) return authority.toString();
    const others = shown.map((certificate) => `sha256:${fingerprintOf(certificate)}`).join(", ");
    throw new ServerAuthorityError(
      `${server.origin} shows no certificate sha256:${fingerprint}, but ${others}: either it is another server, or its authority was changed`,
    );
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ServerAuthorityError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new ServerAuthorityError(`${server.origin} cannot be asked for its certificate: ${reason}`, { cause: error });
  } finally {
    socket.destroy();
  }
}

/** The server's own first; the last, which stands for itself, is its own issuer. */
function chainOf(own: DetailedPeerCertificate): readonly X509Certificate[] {
  // Node leaves the issuer out where the server showed none.
  const issuer = own.issuerCertificate as DetailedPeerCertificate | undefined;
  const isLast = issuer === undefined || issuer.raw.equals(own.raw);
  return [new X509Certificate(own.raw), ...(isLast ? [] : chainOf(issuer))];
}

function fingerprintOf({ fingerprint256 }: X509Certificate): string {
  return fingerprint256.replaceAll(":", "").toLowerCase();
}
