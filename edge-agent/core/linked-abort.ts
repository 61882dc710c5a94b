/** An AbortController that its parent aborts too. Dispose it, or the parent keeps a listener for every one there ever was. */
export interface LinkedAbort extends Disposable {
  readonly signal: AbortSignal;
  abort(reason: Error): void;
}

export function linkedAbort(parent: AbortSignal): LinkedAbort {
  const controller = new AbortController();
  const follow = () => controller.abort(parent.reason);
  if (parent.aborted) follow();
  else parent.addEventListener("abort", follow, { once: true });
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    [Symbol.dispose]: () => parent.removeEventListener("abort", follow),
  };
}

/** Why a wait ended that somebody else's event had made pointless. */
export class NoLongerNeededError extends Error {
  override readonly name = "NoLongerNeededError";
}
