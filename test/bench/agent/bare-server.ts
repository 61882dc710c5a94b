import { spawn } from "node:child_process";
import { once } from "node:events";

/** Reads the body, answers an empty object. */
const program = `
  require("node:http")
    .createServer((asked, response) => asked.resume().once("end", () => response.end("{}")))
    .listen(process.argv[1], () => process.stdout.write("ready"));
`;

/** Node's own HTTP server on a socket file, in a process of its own: the least that HTTP costs. */
export async function startBareServer(socket: string): Promise<AsyncDisposable & { readonly socket: string }> {
  const server = spawn(process.execPath, ["--eval", program, socket], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(server, "exit");
  await once(server.stdout, "data");
  return {
    socket,
    async [Symbol.asyncDispose]() {
      server.kill("SIGTERM");
      await exited;
    },
  };
}
