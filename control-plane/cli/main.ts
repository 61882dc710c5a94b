#!/usr/bin/env node
import { packageVersion } from "./package-version.ts";
import { runCommandLine } from "./run-command-line.ts";
import { createTerminal } from "./terminal.ts";

// `sedge events tail | head` closes the pipe when it has enough: that is no mistake of anybody.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const)
  // Once: a second Ctrl-C ends the program at once, as it would have without this line.
  process.once(signal, () => interrupted.abort(new Error(`interrupted by ${signal}`)));

process.exitCode = await runCommandLine(
  process.argv.slice(2),
  {
    terminal: createTerminal(process.stdout, process.stderr, process.env),
    environment: process.env,
    now: Date.now,
    signal: interrupted.signal,
  },
  packageVersion(),
);
