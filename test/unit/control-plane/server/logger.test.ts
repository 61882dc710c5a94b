import { expect, test } from "vitest";
import { createLogger, prettyLine } from "../../../../control-plane/server/logger.ts";

function logged(format: "json" | "pretty" | "auto", isTTY: boolean, level: "info" | "warn" = "info"): string[] {
  const lines: string[] = [];
  const log = createLogger({ level, format }, { isTTY, write: (line: string) => lines.push(line) });
  log.info({ device: "cam-1", count: 3 }, "a device was born");
  log.error({ err: new Error("why") }, "it failed");
  return lines;
}

test("machines get one JSON document a line", () => {
  const [born, failed] = logged("auto", false).map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(born).toMatchObject({ level: "info", device: "cam-1", count: 3, msg: "a device was born" });
  expect(failed).toMatchObject({ level: "error", err: { message: "why" } });
});

test("people get sentences", () => {
  const [born] = logged("pretty", false);
  expect(born).toMatch(/^\d\d:\d\d:\d\d info {2}a device was born {2}device=cam-1 {2}count=3\n$/);
});

test("lines below the level are left out", () => {
  expect(logged("json", false, "warn")).toHaveLength(1);
});

test("text from devices cannot move the reader's cursor", () => {
  const time = new Date(2026, 0, 1, 10).toISOString();
  const line = JSON.stringify({ level: "info", time, msg: "m", device: "\u001b[2Jx\n" });
  expect(prettyLine(line, false)).toBe("10:00:00 info  m  device=·[2Jx·\n");
});
