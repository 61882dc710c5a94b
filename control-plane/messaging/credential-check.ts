import type { DeviceId } from "../../proto/ids.ts";

/** True when the secret is the device's. Should end early, in whatever way, once the signal is aborted. */
export type Authenticate = (device: DeviceId, secret: string, signal: AbortSignal) => Promise<boolean>;

export type CredentialVerdict =
  | { readonly kind: "accepted" }
  | { readonly kind: "rejected" }
  | { readonly kind: "gave-up" }
  | { readonly kind: "failed"; readonly cause: unknown };

/**
 * Asks for a verdict and gives up after `timeoutMs`, or when `signal` is aborted, whatever the question does:
 * a database that hangs must not hold a socket for ever. Never rejects.
 */
export async function checkCredential(
  authenticate: Authenticate,
  device: DeviceId,
  secret: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<CredentialVerdict> {
  const own = new AbortController();
  const abort = () => own.abort(signal.reason);
  if (signal.aborted) return { kind: "gave-up" };
  signal.addEventListener("abort", abort, { once: true });
  const timer = setTimeout(() => own.abort(new Error(`no verdict within ${timeoutMs} ms`)), timeoutMs);
  try {
    const gaveUp = new Promise<CredentialVerdict>((resolve) => {
      own.signal.addEventListener("abort", () => resolve({ kind: "gave-up" }), { once: true });
    });
    return await Promise.race([gaveUp, verdictOf(authenticate, device, secret, own.signal)]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
  }
}

async function verdictOf(
  authenticate: Authenticate,
  device: DeviceId,
  secret: string,
  signal: AbortSignal,
): Promise<CredentialVerdict> {
  try {
    return { kind: (await authenticate(device, secret, signal)) ? "accepted" : "rejected" };
  } catch (cause) {
    return { kind: "failed", cause };
  }
}
