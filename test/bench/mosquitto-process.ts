import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { freePort } from "./free-port.ts";

/** Debian's Mosquitto as a bare broker on loopback; undefined where it is not installed. */
export async function startMosquitto(
  signal: AbortSignal,
): Promise<(AsyncDisposable & { readonly port: number; readonly pid: number }) | undefined> {
  const program = ["mosquitto", "/usr/sbin/mosquitto"].find((path) => spawnSync(path, ["-h"]).error === undefined);
  if (program === undefined) return undefined;
  const directory = await mkdtemp(join(tmpdir(), "sedge-mosquitto-"));
  const port = await freePort();
  const configuration = join(directory, "mosquitto.conf");
  await writeFile(configuration, `listener ${port} 127.0.0.1\nallow_anonymous true\nmax_inflight_messages 0\n`);
  const child = spawn(program, ["-c", configuration], { stdio: "ignore" });
  const exited = once(child, "exit");
  while (!(await answers(port))) {
    signal.throwIfAborted();
    if (child.exitCode !== null) throw new Error(`mosquitto ended with exit code ${child.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    port,
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await exited;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
