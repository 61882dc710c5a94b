import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ConfigError } from "../../../../edge-agent/daemon/config-sources.ts";
import { parseConfig, readConfig } from "../../../../edge-agent/daemon/config.ts";
import { temporaryDirectory } from "../../../support/temporary-directory.ts";

describe("the agent's configuration", () => {
  it("has a default for everything", () => {
    expect(parseConfig("none", {})).toMatchObject({
      data: "/var/lib/sedge-agent",
      http: { host: "127.0.0.1", port: 4_690 },
      pins: {},
      inputs: [],
      disk: { keepFreeBytes: 16_777_216, modelBytes: undefined },
      retry: { baseMs: 1_000, capMs: 300_000 },
    });
  });

  it("names every mistake with its place", async () => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, "agent.yaml");
    await writeFile(
      file,
      `
http:
  host: 0.0.0.0
  port: 4690
log: { level: loud }
colour: green
inputs:
  - kind: generator
    model: digits
    file: images.npy
    ratePerSecond: -3
    folder: x
`,
    );
    const failure = await readConfig({ config: file }, {}).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ConfigError);
    const { mistakes, message } = failure as ConfigError;
    expect(mistakes).toEqual([
      'log.level: "loud" is not one of debug, info, warn, error',
      "http.host: must be one of 127.0.0.1, ::1, localhost",
      "inputs[0].ratePerSecond: must be a number from 0 to 10000",
      "colour: there is no such setting",
      "inputs[0].folder: there is no such setting",
    ]);
    expect(message).toContain(file);
  });

  it("says that a file is missing or is no list of settings", async () => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, "agent.yaml");
    await expect(readConfig({ config: file }, {})).rejects.toThrow(/no such file/);
    await writeFile(file, "- a\n- b\n");
    await expect(readConfig({ config: file }, {})).rejects.toThrow(/settings by their names/);
    await writeFile(file, "a: [");
    await expect(readConfig({ config: file }, {})).rejects.toThrow(ConfigError);
  });

  it("bounds what would not work", () => {
    const mistakesIn = (content: Record<string, unknown>) => {
      try {
        parseConfig("test", content);
        return [];
      } catch (error) {
        return (error as ConfigError).mistakes;
      }
    };
    const camera = { kind: "generator", model: "digits", file: "a.npy" };
    expect(mistakesIn({ inputs: [{ ...camera, ratePerSecond: 0 }] })).toEqual([
      "inputs[0].ratePerSecond: must be more than 0",
    ]);
    expect(mistakesIn({ runtime: { maxMemory: 1 } })).toEqual(["runtime.maxMemory: must be at least 67108864"]);
    expect(mistakesIn({ download: { bytesPerSecond: 100 }, disk: { keepFreeBytes: 0, modelBytes: "all" } })).toEqual([
      'download.bytesPerSecond: "100" is neither "unlimited" nor a whole number of at least 1024',
      "disk.keepFreeBytes: must be at least 1048576",
      "disk.modelBytes: must be a whole number from 0 to 9007199254740991",
      "disk.modelBytes: must be at least 1048576",
    ]);
    expect(mistakesIn({ inputs: [{ kind: "radio", model: "Digits!" }] })[0]).toBe(
      "inputs[0].kind: must be one of directory, mqtt, generator",
    );
    expect(
      mistakesIn({
        inputs: [
          { kind: "directory", model: "digits", path: "in" },
          { ...camera, ratePerSecond: 5 },
        ],
      }),
    ).toEqual([]);
  });

  it("listens on a port, on a socket file, or on both where both are named", () => {
    const http = (given: object) => parseConfig("test", { http: given }).http;
    expect(http({ socket: "/run/a.sock" })).toMatchObject({ socket: "/run/a.sock", port: undefined });
    expect(http({ socket: "/run/a.sock", port: 0 })).toMatchObject({ socket: "/run/a.sock", port: 0 });
    expect(http({})).toMatchObject({ socket: undefined, port: 4_690 });
  });

  it("takes inputs from a topic whose answers do not come back as inputs", () => {
    const door = { kind: "mqtt", model: "digits", url: "mqtt://127.0.0.1:1883", topic: "door/+" };
    const inputs = (given: object) => parseConfig("test", { inputs: [{ ...door, ...given }] }).inputs;
    expect(inputs({})).toEqual([{ ...door, answerTopic: "{topic}/answer", format: "json" }]);
    for (const [given, mistake] of [
      [{ topic: "door/#" }, "{topic}/answer is among the topics of door/#: answers would be taken as inputs"],
      [{ answerTopic: "door/answer" }, "door/answer is among the topics of door/+"],
      [{ topic: "door+" }, "inputs[0].topic: must be a topic"],
      [{ answerTopic: "a/+" }, "inputs[0].answerTopic: must be a topic without + and #"],
      [{ url: "http://127.0.0.1" }, "inputs[0].url: must be the address of a broker"],
      [{ format: "png" }, "inputs[0].format: must be one of json, npy, raw"],
      [{ qos: 2 }, "inputs[0].qos: there is no such setting"],
    ] as const)
      expect(() => inputs(given)).toThrow(mistake);
  });

  it("pins where the detectors begin, from the file and from the environment", async () => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, "detectors.yaml");
    await writeFile(file, "detectors: { farOutside: 0.5, stuckAfter: off }");
    const { pins } = await readConfig({ config: file }, { SEDGE_AGENT_DETECTORS_STUCK_AFTER: "100" });
    expect(pins).toEqual({
      "detectors.farOutside": { text: "0.5", by: "file" },
      "detectors.stuckAfter": { text: "100", by: "environment" },
    });
  });

  it("takes the environment over the file, and flags over both", async () => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, "agent.json");
    await writeFile(file, JSON.stringify({ data: "/file", http: { port: 1 }, log: { level: "warn" } }));
    const environment = { SEDGE_AGENT_DATA: "/environment", SEDGE_AGENT_HTTP_PORT: "2", SEDGE_AGENT_LOG_LEVEL: "" };
    expect(await readConfig({ config: file, data: "/flag" }, environment)).toMatchObject({
      data: "/flag",
      http: { port: 2, host: "127.0.0.1" },
      pins: { "log.level": { text: "warn", by: "file" } },
    });
    await expect(readConfig({}, { SEDGE_AGENT_HTTP_PORT: "many" })).rejects.toThrow(/http\.port: /);
  });

  it("cannot be changed afterwards", () => {
    const config = parseConfig("none", {});
    expect(() => Object.assign(config.http, { port: 1 })).toThrow(TypeError);
  });
});
