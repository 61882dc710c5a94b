import { appendFile, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { logLineText, parseLogLine } from "../../../../edge-agent/daemon/log-lines.ts";
import { openLogRing } from "../../../../edge-agent/daemon/log-ring.ts";
import { wantedLines } from "../../../../edge-agent/daemon/logs-command.ts";
import type { TemporaryDirectory } from "../../../support/temporary-directory.ts";
import { temporaryDirectory } from "../../../support/temporary-directory.ts";

let directory: TemporaryDirectory;
beforeEach(async () => {
  directory = await temporaryDirectory();
});
afterEach(() => directory[Symbol.asyncDispose]());

const line = (sentence: string, level = "info") =>
  `${JSON.stringify({ level, time: "2026-11-21T11:13:05.123Z", model: "digits", reason: "it was ended", msg: sentence })}\n`;

describe("the ring of log lines", () => {
  it("keeps the newest lines in two files that never outgrow their bound", async () => {
    const ring = openLogRing(directory.path, 1_000);
    for (let i = 0; i < 200; i++) ring.write(line(`sentence ${i}`));
    const log = join(directory.path, "log");
    expect((await readdir(log)).toSorted()).toEqual(["agent.log", "agent.log.1"]);
    for (const name of await readdir(log)) expect((await stat(join(log, name))).size).toBeLessThanOrEqual(1_000);
    expect(await readFile(join(log, "agent.log"), "utf8")).toContain("sentence 199");
  });

  it("goes on where an earlier run has ended, and for its owner only", async () => {
    openLogRing(directory.path).write(line("first"));
    openLogRing(directory.path).write(line("second"));
    const path = join(directory.path, "log", "agent.log");
    expect(await readFile(path, "utf8")).toBe(line("first") + line("second"));
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it("never throws: a log must not end what it tells of", async () => {
    await writeFile(join(directory.path, "log"), "a file where the directory should be");
    expect(() => openLogRing(directory.path).write(line("nowhere"))).not.toThrow();
  });
});

describe("lines that are read back", () => {
  it("are for a person: time, level, sentence, then the fields", () => {
    const read = parseLogLine(line("a worker stopped", "warn"));
    expect(read && logLineText(read)).toBe(
      '2026-11-21 11:13:05 warn  a worker stopped  model=digits reason="it was ended"',
    );
  });

  it("are chosen by level; torn and foreign ones are left out", async () => {
    const path = join(directory.path, "agent.log");
    await appendFile(path, `${line("one", "debug")}${line("two", "error")}{"level":"warn","ti`);
    const text = `${await readFile(path, "utf8")}\nnot JSON\n`;
    expect(wantedLines(text, { level: "warn", output: "json" })).toEqual([line("two", "error").trimEnd()]);
    expect(wantedLines(text, { level: "debug", output: "text" })).toHaveLength(2);
  });
});
