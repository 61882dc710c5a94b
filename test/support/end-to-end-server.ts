import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import type { OwnProcess } from "./end-to-end-processes.ts";
import { startProcess } from "./end-to-end-processes.ts";
import { eventually } from "./end-to-end-waiting.ts";

/** `sedge serve` as a process, on ports that stay the same when it is started again. */
export interface ServerProcess extends AsyncDisposable {
  readonly url: string;
  readonly mqttPort: number;
  readonly operatorToken: string;
  readonly process: OwnProcess;
}

export interface ServerPlace {
  readonly data: string;
  readonly httpPort: number;
  readonly mqttPort: number;
}

/** Resolves when it is ready. */
export async function startServer(
  { data, httpPort, mqttPort }: ServerPlace,
  flags: readonly string[] = [],
): Promise<ServerProcess> {
  const ports = ["--http-port", String(httpPort), "--mqtt-port", String(mqttPort)];
  const started = startProcess("sedge", ["serve", "--data", data, ...ports, ...flags]);
  let ended = false;
  void started.exit.then(() => (ended = true));
  await eventually("sedge serve is ready", () =>
    ended || started.output().includes("operator token") ? true : undefined,
  );
  if (ended) throw new Error(`sedge serve ended: ${started.complaint()}`);
  return {
    url: `http://127.0.0.1:${httpPort}`,
    mqttPort,
    operatorToken: (await readFile(join(data, "operator-token"), "utf8")).trim(),
    process: started,
    [Symbol.asyncDispose]: () => started.kill(),
  };
}

/** Of each worker of the tests. */
const portsOfWorker = 100;
let portsTaken = Math.floor(Math.random() * portsOfWorker);

/**
 * A port to listen on again and again: below those that the kernel gives to outgoing connections, one of which could otherwise
 * take it while its server is away; and one that no test beside this one is given.
 */
export async function lastingPort(): Promise<number> {
  const worker = Number(process.env["VITEST_POOL_ID"] ?? 0) % portsOfWorker;
  for (;;) {
    const port = 20_000 + worker * portsOfWorker + (portsTaken++ % portsOfWorker);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
