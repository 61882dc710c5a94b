import { spawn } from "node:child_process";
import { once } from "node:events";
import type { NetConnectOpts } from "node:net";

/** Reads the body, answers an empty object. */
const program = `
  require("node:http")
    .createServer((asked, response) => asked.resume().once("end", () => response.end("{}")))
    .listen(JSON.parse(process.argv[1]), function () { process.stdout.write(JSON.stringify(this.address())); });
`;

/** Node's own HTTP server on a socket file or a port, in a process of its own: the least that HTTP costs. */
export async function startBareServer(
  at: { readonly path: string } | { readonly host: string; readonly port: 0 },
): Promise<AsyncDisposable & { readonly at: NetConnectOpts }> {
  const server = spawn(process.execPath, ["--eval", program, JSON.stringify(at)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(server, "exit");
  const [address] = (await once(server.stdout, "data")) as [Buffer];
  return {
    at: "path" in at ? at : { ...at, port: (JSON.parse(String(address)) as { port: number }).port },
    async [Symbol.asyncDispose]() {
      server.kill("SIGTERM");
      await exited;
    },
  };
}
