import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, describe, expect, test } from "vitest";
import { startTestControlPlane } from "../support/control-plane.ts";
import { lastingPort } from "../support/end-to-end-server.ts";
import { until } from "../support/end-to-end-waiting.ts";
import { enrolDevice } from "../support/enrolment.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { built } from "../support/built-programs.ts";

const main = built(new URL("../../control-plane/cli/main.ts", import.meta.url));
const started = new Set<ChildProcess>();
afterEach(async () => {
  for (const child of started) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
  }
  started.clear();
});

/** `sedge` as a process of its own. */
function sedge(words: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [main, ...words], {
    env: { PATH: process.env["PATH"], HOME: "/nonexistent", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  started.add(child);
  let err = "";
  child.stderr.setEncoding("utf8").on("data", (part: string) => (err += part));
  const ended = Promise.all([once(child, "exit"), once(child.stderr, "close")]);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    closeOutput: () => child.stdout.destroy(),
    err: () => err,
    line: async () => (await lines.next()).value as string | undefined,
    async document(): Promise<unknown> {
      let text = "";
      for (;;) {
        const { value, done } = await lines.next();
        if (done === true) throw new Error(`no JSON document came: ${text}${err}`);
        text += value;
        try {
          return JSON.parse(text);
        } catch {
          continue;
        }
      }
    },
    /** What it complained about is complete then. */
    async ended(): Promise<number | string> {
      await ended;
      return child.exitCode ?? (child.signalCode as string);
    },
  };
}

const freePorts = ["--http-port", "0", "--mqtt-port", "0"];

describe("sedge serve", () => {
  test("says where it is, lets the command line in, and ends in order on SIGTERM", async () => {
    await using data = await temporaryDirectory();
    const server = sedge(["serve", "--data", data.path, ...freePorts, "-o", "json"]);
    const ready = (await server.document()) as Record<string, string>;
    expect(ready).toMatchObject({
      http: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      mqttTcp: expect.stringMatching(/^mqtt:\/\/127\.0\.0\.1:\d+$/),
      data: data.path,
      operatorTokenFile: join(data.path, "operator-token"),
    });
    const status = sedge(["status", "-o", "json"], { SEDGE_DATA: data.path });
    expect(await status.document()).toMatchObject({ addresses: { http: ready["http"] } });
    expect(await status.ended()).toBe(0);

    server.kill("SIGTERM");
    expect(await server.ended()).toBe(0);
    expect(existsSync(join(data.path, "connection.json"))).toBe(false);
  });

  test("a configuration with three mistakes: exit code 2, and all three", async () => {
    await using data = await temporaryDirectory();
    const config = join(data.path, "sedge.yaml");
    await writeFile(config, "http: { port: high }\ndrift: { window: soon }\nsurplus: 1\n");
    const server = sedge(["serve", "--data", data.path, "--config", config, "-o", "json"]);
    expect(await server.ended()).toBe(2);
    const { error } = JSON.parse(server.err()) as { error: { problems: string[] } };
    expect(error.problems).toHaveLength(3);
  });

  test("a port that is taken: exit code 1, the port, and the option for another", async () => {
    await using data = await temporaryDirectory();
    await using plane = await startTestControlPlane();
    const port = new URL(plane.url).port;
    const server = sedge([
      "serve",
      "--data",
      data.path,
      "--http-port",
      port,
      "--mqtt-port",
      "0",
      "--log-level",
      "error",
    ]);
    expect(await server.ended()).toBe(1);
    expect(server.err()).toMatch(/^error: /);
    expect(server.err()).toContain(port);
    expect(server.err()).toContain("--http-port");
  });

  test("a data directory that is in use: exit code 1, and what to do", async () => {
    await using plane = await startTestControlPlane();
    const server = sedge(["serve", "--data", plane.data, ...freePorts, "--log-level", "error"]);
    expect(await server.ended()).toBe(1);
    expect(server.err()).toContain("in use");
  });
});

describe("sedge events tail -f", () => {
  test("tells events as they happen, one JSON document to a line, until Ctrl-C", async () => {
    await using plane = await startTestControlPlane();
    await enrolDevice(plane, { device: "cam-1" });
    const tail = sedge(["events", "tail", "-f", "-o", "json"], { SEDGE_DATA: plane.data });
    expect(JSON.parse((await tail.line()) ?? "")).toMatchObject({ kind: "publisher.added" });
    expect(JSON.parse((await tail.line()) ?? "")).toMatchObject({ kind: "device.enrolled", device: "cam-1" });
    await enrolDevice(plane, { device: "cam-2" });
    expect(JSON.parse((await tail.line()) ?? "")).toMatchObject({ kind: "device.enrolled", device: "cam-2" });
    tail.kill("SIGINT");
    expect(await tail.ended()).toBe(130);
    expect(tail.err()).toBe("");
  });

  test("ends quietly when nobody reads any more, as with head", async () => {
    await using plane = await startTestControlPlane();
    await enrolDevice(plane, { device: "cam-1" });
    const tail = sedge(["events", "tail", "-f"], { SEDGE_DATA: plane.data });
    expect(await tail.line()).toContain("publisher.added");
    expect(await tail.line()).toContain("cam-1");
    tail.closeOutput();
    await enrolDevice(plane, { device: "cam-2" });
    expect(await tail.ended()).toBe(0);
    expect(tail.err()).toBe("");
  });

  test("says so when the control plane goes away, and goes on when it is back", async () => {
    await using data = await temporaryDirectory();
    const settings = { data: data.path, "http.port": String(await lastingPort()) };
    const before = await startTestControlPlane(settings);
    const tail = sedge(["events", "tail", "-f"], { SEDGE_SERVER: before.url, SEDGE_TOKEN: before.operatorToken });
    await enrolDevice(before, { device: "cam-1" });
    expect(await tail.line()).toContain("publisher.added");
    expect(await tail.line()).toContain("cam-1");
    await before[Symbol.asyncDispose]();
    await until("the tail says so", () => tail.err().includes("does not answer"));
    await using after = await startTestControlPlane(settings);
    await enrolDevice(after, { device: "cam-2" });
    expect(await tail.line()).toContain("cam-2");
    tail.kill("SIGINT");
    expect(await tail.ended()).toBe(130);
  });
});
