import { createHash } from "node:crypto";
import { writeSync } from "node:fs";
import { join } from "node:path";
import { errorCode } from "../../../edge-agent/adapters/node/error-code.ts";
import { openFileSpool } from "../../../edge-agent/adapters/node/file-spool.ts";
import { openFileStore } from "../../../edge-agent/adapters/node/file-store.ts";
import { openStateStore } from "../../../edge-agent/adapters/node/state-store.ts";
import { systemRandom } from "../../../edge-agent/adapters/node/system-random.ts";
import { NoSpaceError } from "../../../edge-agent/core/ports.ts";
import type { Digest } from "../../../proto/ids.ts";
import { kibibytes } from "../../../proto/units.ts";
import { aState } from "../../contract/ports/state-store-contract.ts";
import { silentLog } from "../agent-world.ts";

/**
 * Keeps states, files and records in a directory, and says a line for each that can no longer be lost. What the disk refuses is left out.
 * Argument: the directory.
 */
const directory = process.argv[2] as string;
const log = silentLog;

function say(line: object): void {
  writeSync(1, `${JSON.stringify(line)}\n`);
}

/** Answers whether the disk took it. */
async function tried(act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    const isRefused = error instanceof NoSpaceError || errorCode(error) === "EIO" || errorCode(error) === "ENOSPC";
    if (!isRefused) throw error;
    say({ refused: errorCode(error) ?? "ENOSPC" });
  }
}

async function keep(): Promise<void> {
  const state = await openStateStore({ directory, log });
  const files = await openFileStore({ directory, reservedBytes: 0 });
  const spoolDirectory = join(directory, "spool");
  const spool = await openFileSpool({
    directory: spoolDirectory,
    random: systemRandom,
    log,
    segmentBytes: kibibytes(1),
  });
  say({ opened: spool.epoch });
  for (let round = 1; round <= 6; round++) {
    await tried(async () => {
      await state.save(aState(round));
      say({ saved: round });
    });
    await tried(async () => {
      const content = Buffer.alloc(5_000, round);
      const digest: Digest = `sha256:${createHash("sha256").update(content).digest("hex")}` as Digest;
      await using partial = await files.receive(digest, content.length);
      for (let at = partial.resumeAt; at < content.length; at += 2_048)
        await partial.append(content.subarray(at, at + 2_048));
      await partial.commit();
      say({ kept: digest });
    });
    await tried(async () => say({ lifecycle: await spool.append("lifecycle", Buffer.alloc(300, round)) }));
    await tried(async () => {
      await spool.append("windows", Buffer.alloc(300, round));
      await spool.append("windows", Buffer.alloc(300, round));
      const { first, next } = spool.extent("windows");
      await spool.read("windows", first, kibibytes(64), 100);
      say({ windows: next - 1 });
      if (round === 3) await spool.replaceOldest("windows", 3, Buffer.from("three in one"));
      if (round === 5) await spool.trim("windows", 6);
    });
  }
  await spool[Symbol.asyncDispose]();
  say({ ended: true });
}

await keep().catch((error: unknown) => {
  // The agent would be started again by its supervisor.
  say({ gaveUp: String(error) });
});
