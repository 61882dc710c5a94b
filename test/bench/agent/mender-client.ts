import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Debian's mender-client as a daemon that finds no server on loopback; undefined where it is not installed. */
export async function startMenderClient(
  directory: string,
): Promise<(AsyncDisposable & { readonly pid: number; readonly version: string }) | undefined> {
  const asked = spawnSync("mender", ["--version"], { encoding: "utf8" });
  if (asked.error !== undefined) return undefined;
  const data = join(directory, "mender");
  await mkdir(data);
  const config = join(data, "mender.conf");
  // Port 9 of loopback: nobody listens there, and no name is looked up.
  const settings = {
    ServerURL: "https://127.0.0.1:9",
    DBus: { Enabled: false },
    UpdatePollIntervalSeconds: 1_800,
    InventoryPollIntervalSeconds: 28_800,
    RetryPollIntervalSeconds: 300,
  };
  await writeFile(config, JSON.stringify(settings));
  const args = ["--no-syslog", "--config", config, "--fallback-config", config, "--data", data, "daemon"];
  const client = spawn("mender", args, { stdio: "ignore" });
  const exited = once(client, "exit");
  return {
    pid: client.pid ?? 0,
    version: asked.stdout.split(/\s/)[0] ?? "",
    async [Symbol.asyncDispose]() {
      client.kill("SIGTERM");
      await exited;
    },
  };
}
