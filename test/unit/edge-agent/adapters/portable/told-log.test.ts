import { expect, it } from "vitest";
import { toldLog } from "../../../../../edge-agent/adapters/portable/told-log.ts";
import type { WrittenLine } from "../../../../../edge-agent/core/ports.ts";
import { logLines } from "../../../../support/log-lines.ts";

it("tells its lines to whoever listens, those that are written and no others", () => {
  const written = logLines();
  const told = toldLog(written);
  const heard: WrittenLine[] = [];
  told.log.info({}, "before anybody listened");
  const stop = told.lines.onLine((line) => heard.push(line));
  told.log.debug({}, "not written");
  told.log.warn({ free: 3 }, "the disk fills");
  told.level = "debug";
  told.log.debug({}, "written now");
  stop();
  told.log.error({}, "after");
  expect(heard).toEqual([
    { level: "warn", sentence: "the disk fills", fields: { free: 3 } },
    { level: "debug", sentence: "written now", fields: {} },
  ]);
  expect(written.lines).toEqual([
    "info before anybody listened",
    "warn the disk fills",
    "debug written now",
    "error after",
  ]);
});
