import { expect, it } from "vitest";
import { createDelta } from "../../control-plane/packaging/delta/create-delta.ts";
import { openFileStore } from "../../edge-agent/adapters/node/file-store.ts";
import { store } from "../contract/ports/file-store-contract.ts";
import { aTrainedFile } from "../support/delta-files.ts";
import { sha256Of } from "../support/packages.ts";
import { runChild } from "../support/run-child.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const program = new URL("../support/children/apply-delta-until-killed.ts", import.meta.url);

it("a device that is killed again and again while it applies a delta goes on, and gets the file in the end", async () => {
  await using directory = await temporaryDirectory();
  const [base, target] = [aTrainedFile(0, 500_000), aTrainedFile(1e-5, 500_000)];
  const delta = createDelta(base, target).bytes;
  const files = await openFileStore({ directory: directory.path });
  for (const bytes of [base, delta]) await store(files, bytes);
  const names = [sha256Of(base), sha256Of(delta), String(delta.length), sha256Of(target), String(target.length)];

  for (let kill = 1; kill <= 3; kill++) {
    await using device = runChild(program, [directory.path, ...names, String((kill * target.length) / 16)]);
    await device.line((line) => line === "waits");
    await device.kill();
    expect(await files.has(sha256Of(target))).toBe(false);
  }
  await using device = runChild(program, [directory.path, ...names]);
  await device.line((line) => line === "done true");
  expect(device.lines.filter((line) => line.startsWith("resumes at ")).length).toBeGreaterThan(0);
  expect(Buffer.compare(await files.read(sha256Of(target)), target)).toBe(0);
  expect(Buffer.compare(await files.read(sha256Of(base)), base)).toBe(0);
  // The delta is gone.
  expect(await files.list()).toEqual([sha256Of(base), sha256Of(target)].toSorted());
});
