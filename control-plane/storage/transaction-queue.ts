import { AsyncLocalStorage } from "node:async_hooks";
import Sqlite from "better-sqlite3";
import { StorageFullError } from "../application/storage-errors.ts";
import { NestedTransactionError, TransactionOverError } from "./database-errors.ts";
import { isFull } from "./open-connection.ts";
import type { AfterCommit, Connection, Session } from "./session.ts";

/** Runs one transaction after another on the connection that writes. */
export interface TransactionQueue {
  run<T>(work: (session: Session, afterCommit: AfterCommit) => Promise<T>): Promise<T>;
  /** The last transaction that wrote found no space left. */
  isFull(): boolean;
  /** Resolves when every transaction that was asked for has ended. */
  idle(): Promise<void>;
}

interface Scope {
  readonly writer: Connection;
  over: boolean;
}

/** One for all databases of a process: every promise carries along each AsyncLocalStorage that there is. */
const scopes = new AsyncLocalStorage<Scope>();

export function createTransactionQueue(
  writer: Connection,
  file: string,
  breathe: () => Promise<void>,
): TransactionQueue {
  let last: Promise<unknown> = Promise.resolve();
  let full = false;

  async function runNow<T>(work: (session: Session, afterCommit: AfterCommit) => Promise<T>): Promise<T> {
    const scope: Scope = { writer, over: false };
    const effects: (() => void)[] = [];
    const afterCommit: AfterCommit = (effect) => effects.push(effect);
    const { session, finish, hasWritten } = transactionSession(writer, scope, afterCommit, breathe);
    let result: T;
    try {
      writer.handle.exec("begin immediate");
      result = await scopes.run(scope, () => work(session, afterCommit)).finally(() => (scope.over = true));
      if ((await finish()) > 0) throw new TransactionOverError();
      writer.handle.exec("commit");
      if (hasWritten()) full = false;
    } catch (error) {
      await finish();
      // SQLite has rolled back by itself after some errors, a full disk among them.
      if (writer.handle.inTransaction) writer.handle.exec("rollback");
      const reason = explained(error, file);
      if (reason instanceof StorageFullError) full = true;
      throw reason;
    }
    for (const effect of effects) effect();
    return result;
  }

  return {
    async run(work) {
      const outer = scopes.getStore();
      if (outer !== undefined && outer.writer === writer && !outer.over) throw new NestedTransactionError();
      const turn = last.then(() => runNow(work));
      last = turn.catch(() => undefined);
      return await turn;
    },
    isFull: () => full,
    idle: async () => void (await last),
  };
}

function transactionSession(writer: Connection, scope: Scope, afterCommit: AfterCommit, breathe: () => Promise<void>) {
  const running = new Set<Promise<unknown>>();
  let written = false;
  async function use<T>(work: () => Promise<T>): Promise<T> {
    if (scope.over) throw new TransactionOverError();
    const run = breathe().then(work);
    running.add(run);
    try {
      return await run;
    } finally {
      running.delete(run);
    }
  }
  const session: Session = {
    read: (work) => use(() => work(writer)),
    write: (work) => {
      written = true;
      return use(() => work(writer, afterCommit));
    },
  };
  /** A query that nobody awaited would run outside of the transaction: waits for such, and answers how many there were. */
  async function finish(): Promise<number> {
    const late = [...running];
    await Promise.allSettled(late);
    return late.length;
  }
  return { session, finish, hasWritten: () => written };
}

function explained(error: unknown, file: string): unknown {
  if (!(error instanceof Sqlite.SqliteError)) return error;
  return isFull(error) ? new StorageFullError(file, error) : error;
}
