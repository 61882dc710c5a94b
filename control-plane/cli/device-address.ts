import { hostname } from "node:os";

export interface DeviceAddress {
  readonly server: string;
  /** What whoever passes the address on must know of it. */
  readonly advice: readonly string[];
}

/**
 * The address under which devices reach a control plane, as far as this machine can know it. Nobody reaches a server under the
 * address that stands for all of them: its certificate's name, or else this machine's, is the best guess. And no device believes a
 * server under a name that its certificate does not have.
 *
 * Example: https://0.0.0.0:4680 with a certificate for hub.local becomes https://hub.local:4680.
 *
 * @param names what the server's certificate is for; undefined without TLS
 */
export function addressForDevices(
  server: string,
  names: readonly string[] | undefined,
  ownName: string = hostname(),
): DeviceAddress {
  const url = new URL(server);
  const isForAll = url.hostname === "0.0.0.0" || url.hostname === "[::]";
  const isLocal = isLoopback(url.hostname);
  if (isForAll) url.hostname = ownName;
  const certified = names?.find((name) => !name.startsWith("*"));
  const isRefused = names !== undefined && !names.some((name) => isCoveredBy(name, url.hostname));
  if (isRefused && certified !== undefined) url.hostname = hostPart(certified);
  const address = url.href.replace(/\/$/, "");
  const advice: string[] = [];
  if (isForAll)
    advice.push(
      `The control plane listens on all addresses: put the one that devices reach in the place of ${url.hostname}.`,
    );
  if (isRefused)
    advice.push(
      `Its certificate is for ${names.length === 0 ? "no name" : names.join(", ")}: a device believes it under no other name.`,
    );
  if (isLocal)
    advice.push(
      "The control plane listens on this machine only; for devices elsewhere: sedge serve --http-host … --mqtt-host …",
    );
  return { server: isForAll || isRefused ? address : server, advice };
}

function isLoopback(host: string): boolean {
  return /^(?:localhost|127\.|\[::1\]$)/.test(host);
}

/** A star stands for one label [RFC 6125, 6.4.3]. */
function isCoveredBy(name: string, host: string): boolean {
  if (name.startsWith("*.")) return host.slice(host.indexOf(".") + 1) === name.slice(2).toLowerCase();
  return hostPart(name).toLowerCase() === host.toLowerCase();
}

/** IPv6 addresses stand in brackets in a URL. */
function hostPart(name: string): string {
  return name.includes(":") ? new URL(`http://[${name}]`).hostname : name;
}
