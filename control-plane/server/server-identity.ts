import type { CertifiedKey, Clock, Logger, ServerIdentity } from "../application/ports.ts";
import { days, minutes } from "../../proto/units.ts";
import type { CertificateFiles, CheckedKey } from "./certified-key.ts";
import { isLoopback } from "../http/host-check.ts";
import { CertificateError, readCertifiedKey } from "./certified-key.ts";
import type { ServerConfig } from "./config.ts";

export interface KeptIdentity extends ServerIdentity {
  /** See CheckedKey. */
  readonly ownAuthority: () => string | undefined;
  /** See CheckedKey. */
  readonly names: () => readonly string[];
  /** Takes over what whoever renews certificates has put in their place. What cannot be used is complained of once and changes nothing. */
  renew(): Promise<void>;
}

export const renewalEveryMs = minutes(1);
const warnBeforeMs = days(14);

/** Undefined without TLS, with a warning where that lets others read along. @throws CertificateError */
export async function identityFor(
  { tls, http, mqtt }: Pick<ServerConfig, "tls" | "http" | "mqtt">,
  clock: Pick<Clock, "now">,
  log: Pick<Logger, "info" | "warn">,
): Promise<KeptIdentity | undefined> {
  if (tls !== undefined) return openServerIdentity(tls, clock, log);
  if (!isLoopback(http.host) || !isLoopback(mqtt.host))
    log.warn(
      {},
      "the ports are open to a network without TLS, where secrets can be read: give --tls-certificate and --tls-key, or let a proxy speak it",
    );
  return undefined;
}

/** @throws CertificateError */
export async function openServerIdentity(
  files: CertificateFiles,
  clock: Pick<Clock, "now">,
  log: Pick<Logger, "info" | "warn">,
): Promise<KeptIdentity> {
  let kept = await readCertifiedKey(files, clock.now());
  let complaint: string | undefined;
  const listeners = new Set<(renewed: CertifiedKey) => void>();

  /** Once for each new reason, not once a minute. */
  function complain(sentence: string | undefined): void {
    if (sentence !== undefined && sentence !== complaint) log.warn({}, sentence);
    complaint = sentence;
  }

  function endingSoon({ endsAtMs }: CheckedKey): string | undefined {
    const left = endsAtMs - clock.now();
    if (left > warnBeforeMs) return undefined;
    return `the certificate in ${files.certificate} ends in ${Math.max(0, Math.ceil(left / days(1)))} days: renew it, the ports take it over by themselves`;
  }

  complain(endingSoon(kept));
  return {
    current: () => kept,
    onRenewed: (listener) => void listeners.add(listener),
    ownAuthority: () => kept.ownAuthority,
    names: () => kept.names,
    async renew() {
      let found: CheckedKey;
      try {
        found = await readCertifiedKey(files, clock.now());
      } catch (error) {
        // Certificate and key are two files: between their renewals they do not fit.
        if (!(error instanceof CertificateError)) throw error;
        return complain(`${error.message}; the ports go on with what they had`);
      }
      complain(endingSoon(found));
      if (found.cert === kept.cert && found.key === kept.key) return;
      kept = found;
      for (const listener of listeners) listener(found);
      log.info({ ends: new Date(found.endsAtMs).toISOString() }, "the ports have a new certificate");
    },
  };
}
