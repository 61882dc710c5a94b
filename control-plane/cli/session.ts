import type { Command } from "commander";
import type { ApiClient } from "./api-client.ts";
import { createApiClient } from "./api-client.ts";
import type { ConnectionFlags } from "./connection.ts";
import { findConnection, MissingTokenError } from "./connection.ts";
import type { Terminal } from "./terminal.ts";
import { whoIsThere } from "./who-is-there.ts";

/** What the program was started in. */
export interface Surroundings {
  readonly terminal: Terminal;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly now: () => number;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/** One run of one command. */
export interface Session extends Surroundings {
  readonly json: boolean;
  connect(): Promise<ApiClient>;
  /** The result: one JSON document for programs, or `people()` as it is (with its newlines). */
  show(value: unknown, people: () => string): void;
  /** What was done, for people only. */
  tell(sentence: string): void;
}

interface GlobalOptions extends ConnectionFlags {
  readonly output: "table" | "json";
}

export function openSession(surroundings: Surroundings, command: Command): Session {
  const { terminal, environment, signal } = surroundings;
  const options = command.optsWithGlobals<GlobalOptions>();
  const json = options.output === "json";
  return {
    ...surroundings,
    json,
    async connect() {
      const find = () => findConnection(options, environment);
      const connection = await find().catch(async (error: unknown) => {
        throw error instanceof MissingTokenError ? await whoIsThere(error, signal) : error;
      });
      return createApiClient(connection, signal, find);
    },
    show: (value, people) => terminal.out(json ? `${JSON.stringify(value, undefined, 2)}\n` : people()),
    tell: (sentence) => (json ? undefined : terminal.err(`${sentence}\n`)),
  };
}
