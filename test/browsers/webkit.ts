import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { lastingPort } from "../support/end-to-end-server.ts";
import { eventually } from "../support/end-to-end-waiting.ts";
import type { Command, RemoteBrowser } from "./remote-browser.ts";
import { remoteBrowser } from "./remote-browser.ts";

const driver = "/usr/bin/WebKitWebDriver";
const browser = "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser";
const screen = "/usr/bin/xvfb-run";

const paths: Readonly<Record<Command, readonly [method: string, path: string]>> = {
  Navigate: ["POST", "/url"],
  Refresh: ["POST", "/refresh"],
  ExecuteAsyncScript: ["POST", "/execute/async"],
  TakeScreenshot: ["GET", "/screenshot"],
  GetWindowHandle: ["GET", "/window"],
  NewWindow: ["POST", "/window/new"],
  SwitchToWindow: ["POST", "/window"],
  CloseWindow: ["DELETE", "/window"],
  SetWindowRect: ["POST", "/window/rect"],
};

/** Undefined where WebKitGTK, its driver and a screen without a monitor are not installed. It forgets all when it is ended. */
export async function startWebKit(): Promise<RemoteBrowser | undefined> {
  if (![driver, browser, screen].every((path) => existsSync(path))) return undefined;
  const port = await lastingPort();
  const child = spawn(screen, ["-a", driver, "--host=127.0.0.1", `--port=${port}`], {
    stdio: "ignore",
    // The screen and the driver end with their group.
    detached: true,
    env: { ...process.env, LIBGL_ALWAYS_SOFTWARE: "1", WEBKIT_DISABLE_DMABUF_RENDERER: "1" },
  });
  const gone = once(child, "exit");
  const ask = async (method: string, path: string, body: object) => {
    const response = await fetch(`http://127.0.0.1:${port}/session${path}`, {
      method,
      ...(method === "POST" && { body: JSON.stringify(body) }),
    });
    const { value } = (await response.json()) as { readonly value: unknown };
    if (!response.ok) throw new Error(`${path}: ${JSON.stringify(value)}`);
    return value;
  };
  const capabilities = { alwaysMatch: { "webkitgtk:browserOptions": { binary: browser, args: ["--automation"] } } };
  const session = (await eventually("WebKit takes commands", () => ask("POST", "", { capabilities }))) as {
    readonly sessionId: string;
    readonly capabilities: { readonly browserName: string; readonly browserVersion: string };
  };
  const own = `/${session.sessionId}`;
  await ask("POST", `${own}/timeouts`, { script: 60_000 });
  return remoteBrowser(
    `webkitgtk ${session.capabilities.browserVersion}`,
    (command, parameters) => ask(paths[command][0], `${own}${paths[command][1]}`, parameters),
    async () => {
      await ask("DELETE", own, {}).catch(() => undefined);
      process.kill(-(child.pid as number));
      await gone;
    },
  );
}
