import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import type { AddressInfo, Server } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { TestControlPlane } from "../support/control-plane.ts";
import { startTestControlPlane } from "../support/control-plane.ts";
import { startAgent } from "../support/end-to-end-agent.ts";
import { operate } from "../support/end-to-end-control.ts";
import { runProcess } from "../support/end-to-end-processes.ts";
import type { TemporaryDirectory } from "../support/temporary-directory.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

let directory: TemporaryDirectory;
let plane: TestControlPlane;
let occupant: Server;
let taken: string;

beforeAll(async () => {
  directory = await temporaryDirectory();
  plane = await startTestControlPlane();
  occupant = createServer().listen(0, "127.0.0.1");
  await once(occupant, "listening");
  taken = String((occupant.address() as AddressInfo).port);
});
afterAll(async () => {
  occupant.close();
  await plane[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

async function fileWith(name: string, content: string): Promise<string> {
  const file = join(directory.path, name);
  await writeFile(file, content);
  return file;
}

it("the control plane names three mistakes of its configuration, and ends with 2", async () => {
  const config = await fileWith("server.yaml", "http: { port: 99999 }\nlog: { level: loud }\nmqtt: { prot: 1883 }\n");
  const { code, complaint } = await runProcess("sedge", ["serve", "--config", config, "--data", directory.path]);
  expect(code).toBe(2);
  for (const mistake of [/http\.port: must be a port/, /log\.level: must be one of/, /mqtt: .*prot/])
    expect(complaint).toMatch(mistake);
});

it("the agent names three mistakes of its configuration, and ends with 2", async () => {
  const config = await fileWith("agent.yaml", "http: { port: 99999 }\nlog: { level: loud }\nretry: { baseNs: 1 }\n");
  const { code, complaint } = await runProcess("agent", ["run", "--config", config, "--data", directory.path]);
  expect(code).toBe(2);
  for (const mistake of [/http\.port: /, /log\.level: /, /retry\.baseNs: there is no such setting/])
    expect(complaint).toMatch(mistake);
});

it.each([
  ["--http-port", "--mqtt-port"],
  ["--mqtt-port", "--http-port"],
])("the control plane names the port of %s when another program has it, and ends", async (flag, free) => {
  const data = join(directory.path, `taken${flag}`);
  const { code, complaint } = await runProcess("sedge", ["serve", "--data", data, flag, taken, free, "0"]);
  expect(code).toBe(1);
  expect(complaint).toContain(taken);
  expect(complaint).toContain(flag);
});

it("the agent names its port when another program has it, and ends", async () => {
  const control = await operate(plane, directory.path);
  const data = join(directory.path, "device");
  await using agent = await startAgent(control, { id: "device", data, config: { http: { port: Number(taken) } } });
  expect(await agent.process().exit).toBe(1);
  const lastLine = agent.process().complaint().trim().split("\n").at(-1) ?? "";
  expect(lastLine).toMatch(/^sedge-agent: /);
  expect(lastLine).toContain(taken);
  expect(lastLine).toMatch(/http\.port|SEDGE_AGENT_HTTP_PORT/);
});
