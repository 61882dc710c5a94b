import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { built } from "./built-programs.ts";

/** A program of the tests in a process of its own, that speaks in lines on its standard output. */
export interface TestChild extends AsyncDisposable {
  readonly process: ChildProcess;
  readonly lines: readonly string[];
  /** The first line, said already or later, that passes. Rejects when the process ends first. */
  line(passes: (line: string) => boolean): Promise<string>;
  /** kill -9, and resolves when it is gone. */
  kill(): Promise<void>;
}

export function runChild(program: URL, args: readonly string[]): TestChild {
  const child = spawn(process.execPath, [built(program), ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines: string[] = [];
  const watchers = new Set<() => void>();
  let ended = false;
  const tell = () => watchers.forEach((watcher) => watcher());
  const output = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  output.on("line", (line) => {
    lines.push(line);
    tell();
  });
  const exited = once(child, "exit").then(() => {
    ended = true;
    tell();
  });

  async function kill(): Promise<void> {
    if (!ended) child.kill("SIGKILL");
    await exited;
  }
  return {
    process: child,
    lines,
    async line(passes) {
      for (;;) {
        const found = lines.find(passes);
        if (found !== undefined) return found;
        if (ended) throw new Error(`the program ended (exit code ${child.exitCode}) without the line`);
        await new Promise<void>((resolve) => {
          const watcher = () => {
            watchers.delete(watcher);
            resolve();
          };
          watchers.add(watcher);
        });
      }
    },
    kill,
    [Symbol.asyncDispose]: kill,
  };
}
