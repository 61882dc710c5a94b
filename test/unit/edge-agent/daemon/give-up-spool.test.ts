import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openFileSpool } from "../../../../edge-agent/adapters/node/file-spool.ts";
import { systemRandom } from "../../../../edge-agent/adapters/node/system-random.ts";
import { decodeSpoolRecord, encodeSpoolRecord } from "../../../../edge-agent/core/spool-record.ts";
import { giveUpSpool } from "../../../../edge-agent/daemon/give-up-spool.ts";
import { logLines } from "../../../support/log-lines.ts";
import { aWindow } from "../../../support/messages.ts";
import type { TemporaryDirectory } from "../../../support/temporary-directory.ts";
import { temporaryDirectory } from "../../../support/temporary-directory.ts";

let data: TemporaryDirectory;
beforeEach(async () => {
  data = await temporaryDirectory();
});
afterEach(() => data[Symbol.asyncDispose]());

const open = () => openFileSpool({ directory: join(data.path, "spool"), random: systemRandom, log: logLines() });

/** The spool as the agent finds it at its next start. */
async function nextStart() {
  await using spool = await open();
  const records = await spool.read("lifecycle", 1, 1e6, 100);
  return {
    epoch: spool.epoch,
    wasReset: spool.wasReset,
    windows: spool.extent("windows"),
    events: records.map((record) => decodeSpoolRecord(record, 0).body),
  };
}

it("leaves one event in the place of what was removed, with its numbers, under a new epoch", async () => {
  let epoch;
  {
    await using spool = await open();
    epoch = spool.epoch;
    for (let i = 0; i < 5; i++) await spool.append("windows", encodeSpoolRecord("windows", 0, aWindow()));
  }
  expect(await giveUpSpool(data.path, logLines())).toEqual({
    lifecycle: 0,
    windows: 5,
    samples: 0,
    health: 0,
    logs: 0,
  });
  const found = await nextStart();
  expect(found.epoch).not.toBe(epoch);
  expect(found).toMatchObject({ wasReset: false, windows: { first: 1, next: 1 } });
  expect(found.events).toMatchObject([
    { kind: "event", name: "spool-reset", reason: expect.stringMatching(/removed by hand.*5 of windows/) },
  ]);
});

it("says so where what was removed could not be read", async () => {
  {
    await using spool = await open();
    await spool.append("lifecycle", encodeSpoolRecord("lifecycle", 0, aWindow()));
  }
  await writeFile(join(data.path, "spool", "epoch"), "nonsense");
  await giveUpSpool(data.path, logLines());
  expect((await nextStart()).events).toMatchObject([{ reason: expect.stringContaining("could not be read back") }]);
});

it("makes no spool where there was none", async () => {
  expect(await giveUpSpool(data.path, logLines())).toBeUndefined();
  expect(await giveUpSpool(join(data.path, "nowhere"), logLines())).toBeUndefined();
});
