import type { Database, Stores } from "./stores.ts";

/**
 * Many small changes in few transactions. A commit waits for the disk; when a thousand devices come back at once, a thousand commits
 * would keep them waiting. Whatever is asked for while a transaction runs shares the next one. When one of the changes fails,
 * each is tried again in a transaction of its own, so that a bad one cannot take others along.
 */
export interface GroupCommit {
  run<T>(change: Change<T>): Promise<T>;
}

export type Change<T> = (stores: Stores, afterCommit: (effect: () => void) => void) => Promise<T>;

interface Waiting {
  readonly change: Change<unknown>;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

const changesPerCommit = 500;

export function createGroupCommit(database: Pick<Database, "transaction">): GroupCommit {
  const queue: Waiting[] = [];
  let draining = false;

  async function commitTogether(group: readonly Waiting[]): Promise<void> {
    const results = await database.transaction(async (stores, afterCommit) => {
      const all: unknown[] = [];
      for (const { change } of group) all.push(await change(stores, afterCommit));
      return all;
    });
    for (const [i, { resolve }] of group.entries()) resolve(results[i]);
  }

  async function commitAlone({ change, resolve, reject }: Waiting): Promise<void> {
    try {
      resolve(await database.transaction(change));
    } catch (error) {
      reject(error);
    }
  }

  async function drain(): Promise<void> {
    if (draining) return;
    draining = true;
    while (queue.length > 0) {
      const group = queue.splice(0, changesPerCommit);
      try {
        await commitTogether(group);
      } catch {
        for (const waiting of group) await commitAlone(waiting);
      }
    }
    draining = false;
  }

  return {
    run: <T>(change: Change<T>) =>
      new Promise<T>((resolve, reject) => {
        queue.push({ change, resolve: (result) => resolve(result as T), reject });
        void drain();
      }),
  };
}
