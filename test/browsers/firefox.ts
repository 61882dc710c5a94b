import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { once } from "node:events";
import type { Socket } from "node:net";
import { connect } from "node:net";
import { join } from "node:path";
import { eventually } from "../support/end-to-end-waiting.ts";
import type { RemoteBrowser } from "./remote-browser.ts";
import { remoteBrowser } from "./remote-browser.ts";

const program = ["/usr/bin/firefox-esr", "/usr/bin/firefox"].find((path) => existsSync(path));

/** Undefined where it is not installed. `profile` is an empty folder, or the one of an earlier start. */
export async function startFirefox(profile: string): Promise<RemoteBrowser | undefined> {
  if (program === undefined) return undefined;
  // Any free port; the browser writes which one it took.
  await writeFile(join(profile, "user.js"), 'user_pref("marionette.port", 0);\n');
  const child = spawn(program, ["--headless", "--marionette", "--no-remote", "--profile", profile], {
    stdio: "ignore",
    env: { ...process.env, HOME: profile },
  });
  const gone = once(child, "exit");
  const line = await eventually("Firefox takes commands", async () => {
    const port = Number(await readFile(join(profile, "MarionetteActivePort"), "utf8"));
    return await openMarionette(port);
  });
  const session = (await line.send("WebDriver:NewSession", {})) as {
    readonly capabilities: { readonly browserVersion: string };
  };
  await line.send("WebDriver:SetTimeouts", { script: 60_000 });
  return remoteBrowser(
    `firefox ${session.capabilities.browserVersion}`,
    async (command, parameters) => {
      // A script sees what the page has put into its window, and nothing is wrapped.
      const answer = (await line.send(`WebDriver:${command}`, { ...parameters, sandbox: null })) as object | null;
      return answer !== null && "value" in answer ? answer.value : answer;
    },
    async () => {
      await line.send("Marionette:Quit", { flags: ["eForceQuit"] }).catch(() => child.kill());
      await gone;
    },
  );
}

/** Messages `length:[kind, id, …]` both ways, each command with one answer. */
async function openMarionette(port: number) {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  const messages = messagesOf(socket);
  await messages.next();
  let id = 0;
  return {
    async send(name: string, parameters: object): Promise<unknown> {
      const text = JSON.stringify([0, ++id, name, parameters]);
      socket.write(`${Buffer.byteLength(text)}:${text}`);
      const message = await messages.next();
      if (message.done === true) throw new Error("Firefox has gone");
      const [, , error, result] = message.value as [number, number, { readonly message: string } | null, unknown];
      if (error !== null) throw new Error(`${name}: ${error.message}`);
      return result;
    },
  };
}

async function* messagesOf(socket: Socket): AsyncGenerator<unknown> {
  let read = Buffer.alloc(0);
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    read = Buffer.concat([read, chunk]);
    for (let colon = read.indexOf(58); colon !== -1; colon = read.indexOf(58)) {
      const end = colon + 1 + Number(read.subarray(0, colon).toString());
      if (read.length < end) break;
      yield JSON.parse(read.subarray(colon + 1, end).toString());
      read = read.subarray(end);
    }
  }
}
