import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

export interface ChildProgram {
  readonly modulePath: string;
  readonly execPath: string;
  readonly execArgv: string[];
}

let dieWithParent: boolean | undefined;

/**
 * How a program that lies beside `moduleUrl` is started: the compiled one as it is, the one in TypeScript (development and tests)
 * with tsx's loader. Under Linux it runs under `setpriv --pdeathsig`, where that exists: a child that is stuck in native code
 * does not notice that its channel has closed, but the kernel ends it with its parent.
 */
export function childProgram(name: string, moduleUrl: string, nodeOptions: readonly string[]): ChildProgram {
  const source = moduleUrl.endsWith(".ts");
  const modulePath = fileURLToPath(new URL(`${name}${source ? ".ts" : ".js"}`, moduleUrl));
  const execArgv = [...nodeOptions, ...(source ? ["--import", import.meta.resolve("tsx")] : [])];
  dieWithParent ??= spawnSync("setpriv", ["--pdeathsig", "KILL", "true"], { stdio: "ignore" }).status === 0;
  if (!dieWithParent) return { modulePath, execPath: process.execPath, execArgv };
  return { modulePath, execPath: "setpriv", execArgv: ["--pdeathsig", "KILL", process.execPath, ...execArgv] };
}
