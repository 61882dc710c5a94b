/** Several tabs of one page share their storage: only one of them may be the device. */
export interface AgentLock extends Disposable {
  readonly name: string;
}

/**
 * Waits until no other tab holds the lock of this name; `onWait` is called when one does. The browser gives it back by itself when
 * the tab is closed or dies. Rejects with the signal's reason.
 */
export async function lockAgent(name: string, onWait: () => void, signal: AbortSignal): Promise<AgentLock> {
  return (await requestLock(name, { ifAvailable: true })) ?? (onWait(), await waitForLock(name, signal));
}

async function waitForLock(name: string, signal: AbortSignal): Promise<AgentLock> {
  const lock = await requestLock(name, { signal });
  if (lock === undefined) throw new Error(`the browser granted no lock "${name}"`);
  return lock;
}

function requestLock(name: string, options: LockOptions): Promise<AgentLock | undefined> {
  return new Promise((resolve, reject) => {
    const held = async (lock: Lock | null): Promise<void> => {
      if (lock === null) return resolve(undefined);
      // The browser holds it until this function has ended.
      await new Promise<void>((release) => resolve({ name, [Symbol.dispose]: release }));
    };
    navigator.locks.request(name, options, held).catch(reject);
  });
}
