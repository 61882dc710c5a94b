import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startOneDeviceControl } from "../support/one-device-control.ts";
import { eventually, SedgeAgent } from "../support/sedge-agent.ts";
import type { TemporaryDirectory } from "../support/temporary-directory.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const canRun = ["systemd-notify", "python3"].every((program) => spawnSync(program, ["--version"]).status === 0);

/** Listens as systemd does: Node has no datagrams on unix sockets. A descriptor that comes along is closed, which is the barrier's answer. */
const listener = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print("bound", flush=True)
while True:
    print(s.recv(65536).decode().replace("\\n", " | "), flush=True)
`;

let directory: TemporaryDirectory;
beforeEach(async () => {
  directory = await temporaryDirectory();
});
afterEach(() => directory[Symbol.asyncDispose]());

describe("what systemd hears", () => {
  it.skipIf(!canRun)(
    "is that the agent is ready, that it lives, and that it stops; not from a model's process",
    async () => {
      const socket = join(directory.path, "notify");
      const systemd = spawn("python3", ["-c", listener, socket], { stdio: ["ignore", "pipe", "inherit"] });
      let heard = "";
      systemd.stdout.on("data", (text: Buffer) => (heard += text.toString()));
      const hears = (pattern: RegExp) => eventually(String(pattern), async () => pattern.exec(heard)?.[0]);
      try {
        await hears(/bound/);
        await using control = await startOneDeviceControl();
        const agent = new SedgeAgent(join(directory.path, "device"));
        await agent.enrol(control);
        await using daemon = await agent.daemon([], { NOTIFY_SOCKET: socket, WATCHDOG_USEC: "900000" });
        await hears(/READY=1/);
        await hears(/WATCHDOG=1/);
        await hears(/STATUS=connected; digits 1 \(fp32\)/);
        const { host } = JSON.parse((await agent.run("status", "-o", "json")).output) as {
          readonly host: { readonly processes: readonly { readonly pid: number; readonly kind: string }[] };
        };
        const model = host.processes.find(({ kind }) => kind === "inference");
        expect(await readFile(`/proc/${model?.pid}/environ`, "latin1")).not.toContain("NOTIFY_SOCKET");
        daemon.process.kill("SIGTERM");
        expect(await daemon.exit).toBe(0);
        await hears(/STOPPING=1/);
      } finally {
        systemd.kill("SIGKILL");
        await once(systemd, "close");
      }
    },
  );
});
