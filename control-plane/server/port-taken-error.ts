import { PortInUseError } from "../messaging/broker-listeners.ts";

export class PortTakenError extends Error {
  override readonly name = "PortTakenError";

  constructor(host: string, port: number, option: string, cause: unknown) {
    super(
      `port ${port} on ${host} is in use by another program: stop that one, or choose another port with ${option} (0 takes a free one)`,
      { cause },
    );
  }
}

export class AddressNotAvailableError extends Error {
  override readonly name = "AddressNotAvailableError";

  constructor(host: string, port: number, option: string, cause: { readonly code: unknown }) {
    super(`${host} port ${port} cannot be had (${String(cause.code)}): see ${option} and the host beside it`, {
      cause,
    });
  }
}

/** Says which option chooses the port; other errors pass as they are. */
export function explainListenError(error: unknown, host: string, port: number, option: string): unknown {
  if (error instanceof PortInUseError) return new PortTakenError(error.host, error.port, option, error);
  if (!(error instanceof Error) || !("code" in error)) return error;
  if (error.code === "EADDRINUSE") return new PortTakenError(host, port, option, error);
  const refused = error.code === "EACCES" || error.code === "EADDRNOTAVAIL" || error.code === "ENOTFOUND";
  return refused ? new AddressNotAvailableError(host, port, option, error) : error;
}
