import type { KeyObject } from "node:crypto";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createSecureContext } from "node:tls";
import type { CertifiedKey } from "../application/ports.ts";

/** Each mistake in a certificate and its key. */
export class CertificateError extends Error {
  override readonly name = "CertificateError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`the server cannot prove itself: ${problems.join("; ")}`);
    this.problems = problems;
  }
}

export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
}

export interface CheckedKey extends CertifiedKey {
  readonly endsAtMs: number;
  /**
   * SHA-256 of the last certificate in the file, in hexadecimal, where that one stands for itself. Nobody else vouches for it, so
   * devices must be told whom to believe. Undefined where the file ends below an authority that systems may know.
   */
  readonly ownAuthority: string | undefined;
  /** Host names and addresses that the server's certificate is for; `*.hub.local` stays as it is. */
  readonly names: readonly string[];
}

/** @throws CertificateError */
export async function readCertifiedKey(files: CertificateFiles, now: number): Promise<CheckedKey> {
  const [cert, key] = await Promise.all([textOf(files.certificate), textOf(files.key)]);
  const problems = [cert, key].flatMap((text) => (text instanceof CertificateError ? text.problems : []));
  if (cert instanceof CertificateError || key instanceof CertificateError) throw new CertificateError(problems);
  const chain = parsed(() => certificatesIn(cert));
  if (chain === undefined || chain.length === 0) problems.push(`${files.certificate} holds no certificate in PEM form`);
  const privateKey = parsed(() => createPrivateKey(key));
  if (privateKey === undefined) problems.push(`${files.key} holds no private key in PEM form without a passphrase`);
  const [own] = chain ?? [];
  if (own !== undefined) problems.push(...problemsOf(own, privateKey, files, now));
  if (own === undefined || problems.length > 0) throw new CertificateError(problems);
  const certified = { cert, key, minVersion: "TLSv1.2" } as const;
  refuseUnusable(certified, files);
  return {
    ...certified,
    endsAtMs: Date.parse(own.validTo),
    ownAuthority: ownAuthorityIn(chain ?? []),
    names: namesIn(own),
  };
}

/** What can be read may still be refused, such as a key that is too short: better here than by each port when it is to be used. */
function refuseUnusable(certified: CertifiedKey, files: CertificateFiles): void {
  try {
    createSecureContext(certified);
  } catch (error) {
    throw new CertificateError([`TLS refuses ${files.certificate} with ${files.key}: ${(error as Error).message}`]);
  }
}

function problemsOf(
  own: X509Certificate,
  privateKey: KeyObject | undefined,
  files: CertificateFiles,
  now: number,
): readonly string[] {
  const problems: string[] = [];
  if (privateKey !== undefined && !own.checkPrivateKey(privateKey))
    problems.push(`${files.key} is not the key of the first certificate in ${files.certificate}`);
  if (now > Date.parse(own.validTo)) problems.push(`the certificate in ${files.certificate} ended on ${own.validTo}`);
  if (now < Date.parse(own.validFrom))
    problems.push(`the certificate in ${files.certificate} begins on ${own.validFrom} only`);
  return problems;
}

function ownAuthorityIn(chain: readonly X509Certificate[]): string | undefined {
  const last = chain.at(-1);
  if (last === undefined || !last.checkIssued(last)) return undefined;
  return last.fingerprint256.replaceAll(":", "").toLowerCase();
}

/** Node writes "DNS:hub.local, IP Address:127.0.0.1". Where there are none, the common name counts, as in Node's own check. */
function namesIn({ subjectAltName = "", subject }: X509Certificate): readonly string[] {
  const pattern = /(?:DNS|IP Address):([^,"\s]+)/g;
  const names = [...subjectAltName.matchAll(pattern)].flatMap(([, name]) => name ?? []);
  const [, commonName] = /^CN=(\S+)$/m.exec(subject) ?? [];
  return names.length === 0 && commonName !== undefined ? [commonName] : names;
}

/** In the order of the file: the server's own comes first. */
function certificatesIn(pem: string): readonly X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block));
}

function parsed<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}

async function textOf(file: string): Promise<string | CertificateError> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    return new CertificateError([`${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`]);
  }
}
