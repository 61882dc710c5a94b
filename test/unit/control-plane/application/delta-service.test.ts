import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DeltaService } from "../../../../control-plane/application/delta-service.ts";
import { createDeltaService } from "../../../../control-plane/application/delta-service.ts";
import type { DeltaMaker } from "../../../../control-plane/application/ports.ts";
import { artifactDeltaMaker } from "../../../../control-plane/packaging/delta/artifact-delta-maker.ts";
import type { SqliteDatabase } from "../../../../control-plane/storage/database.ts";
import { openDatabase } from "../../../../control-plane/storage/database.ts";
import type { FileArtifactStore } from "../../../../control-plane/storage/file-artifact-store.ts";
import { openFileArtifactStore } from "../../../../control-plane/storage/file-artifact-store.ts";
import { VirtualClock } from "../../../../edge-agent/adapters/memory/virtual-clock.ts";
import type { Digest } from "../../../../proto/ids.ts";
import type { Variant } from "../../../../proto/manifest.ts";
import type { ModelAssignment } from "../../../../proto/assignment-messages.ts";
import { silentLog } from "../../../support/agent-world.ts";
import { aTrainedFile } from "../../../support/delta-files.ts";
import { eventually } from "../../../support/end-to-end-waiting.ts";
import { aManifest } from "../../../support/manifests.ts";
import { aDevice, aModel, anAssignment, deviceMessages, digestOf } from "../../../support/messages.ts";
import { sha256Of } from "../../../support/packages.ts";
import { aRecordOf, aReport, newVersion, oldPackage, oldVersion } from "../../../support/rollout-builders.ts";
import type { TemporaryDirectory } from "../../../support/temporary-directory.ts";
import { temporaryDirectory } from "../../../support/temporary-directory.ts";

const [oldFile, newFile, strangeFile] = [aTrainedFile(0), aTrainedFile(1e-5), aTrainedFile(0.05)];
const [base, target, other] = [oldFile, newFile, strangeFile].map(sha256Of) as [Digest, Digest, Digest];

let directory: TemporaryDirectory;
let database: SqliteDatabase;
let artifacts: FileArtifactStore;
let clock: VirtualClock;
let stop: AbortController;
let running: Promise<void>;

/** A device that runs version 1 and is assigned version 2, which has a near and a far relative of its file. */
beforeEach(async () => {
  directory = await temporaryDirectory();
  database = await openDatabase(":memory:");
  artifacts = await openFileArtifactStore(join(directory.path, "artifacts"));
  clock = new VirtualClock();
  stop = new AbortController();
  running = Promise.resolve();
  for (const bytes of [oldFile, newFile, strangeFile]) await artifacts.put(sha256Of(bytes), oneChunk(bytes));
  await addVersion(oldVersion, [["fp32", oldFile]]);
  await addVersion(newVersion, [
    ["fp32", newFile],
    ["far", strangeFile],
  ]);
  const hash = new Uint8Array(32);
  await database.devices.add({ id: aDevice, labels: {}, hardware: "test", secretHash: hash, enrolledAtMs: 1 });
  if (deviceMessages.birth.kind !== "birth") throw new Error("not a birth");
  const reported = { epoch: 1, generation: 1, models: [aReport(oldPackage)], refusal: "" };
  await database.devices.recordBirth(aDevice, { ...deviceMessages.birth, reported });
  const assignment = { ...(anAssignment().models[0] as ModelAssignment), ...newVersion };
  await database.desired.set(aDevice, aModel, assignment);
});
afterEach(async () => {
  stop.abort();
  await running;
  await database[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

async function* oneChunk(bytes: Uint8Array) {
  yield bytes;
}

async function addVersion(version: typeof oldVersion, files: readonly (readonly [string, Uint8Array])[]) {
  const variant = aManifest().variants[0] as Variant;
  const variants = files.map(([id, bytes]) => ({
    ...variant,
    id,
    file: { digest: sha256Of(bytes), size: bytes.length },
  }));
  await database.models.add({ ...aRecordOf(version), manifest: aManifest({ version: version.version, variants }) });
}

function startService(maker: DeltaMaker = artifactDeltaMaker({ artifacts })): DeltaService {
  const service = createDeltaService({ database, artifacts, maker, clock, log: silentLog });
  running = service.run(stop.signal);
  return service;
}

/** Asks until the answer is another than "being made". */
function answerOf(service: DeltaService, from: Digest, to: Digest) {
  return eventually("there is an answer", async () => {
    const answer = await service.answer(aDevice, from, to);
    await clock.advance(1_000);
    return answer.kind === "being-made" ? undefined : answer;
  });
}

/** A maker that is told what to do, and counts. */
function scriptedMaker(make: (nth: number) => ReturnType<DeltaMaker["make"]>) {
  const maker = { made: 0, make: () => make(++maker.made) };
  return maker;
}

describe("a delta that a device asks for", () => {
  it("is made once, in a process of its own, and kept over a restart", async () => {
    const first = startService();
    expect(await first.answer(aDevice, base, target)).toEqual({ kind: "being-made" });
    const answer = await answerOf(first, base, target);
    if (answer.kind !== "ready") throw new Error(JSON.stringify(answer));
    expect(await artifacts.size(answer.digest)).toBe(answer.size);
    expect(answer.size).toBeLessThan(0.6 * newFile.length);
    stop.abort();
    await running;
    stop = new AbortController();
    const later = startService({ make: () => Promise.reject(new Error("it was made already")) });
    expect(await later.answer(aDevice, base, target)).toEqual(answer);
  }, 30_000);

  it("is made again when its file is gone", async () => {
    const lost = { base, target, madeAtMs: 1, kind: "made", digest: digestOf(3), size: 10 } as const;
    await database.deltas.put(lost);
    const maker = scriptedMaker(async () => {
      await artifacts.put(other, oneChunk(strangeFile));
      return { kind: "made", digest: other, size: 20 };
    });
    expect(await answerOf(startService(maker), base, target)).toEqual({ kind: "ready", digest: other, size: 20 });
  });

  it("is none where it saves nothing, and that is remembered", async () => {
    const maker = scriptedMaker(async () => ({ kind: "useless", reason: "it would be larger" }));
    const service = startService(maker);
    expect(await answerOf(service, base, other)).toEqual({ kind: "none", reason: "it would be larger" });
    await service.answer(aDevice, base, other);
    expect(maker.made).toBe(1);
  });

  it("must save a twentieth of the file", async () => {
    let asked = 0;
    const maker: DeltaMaker = {
      async make(_base, _target, mostBytes) {
        asked = mostBytes;
        return { kind: "useless", reason: "" };
      },
    };
    await answerOf(startService(maker), base, target);
    expect(asked).toBeCloseTo(0.95 * newFile.length);
  });

  it("is left alone for a while after it could not be tried, and tried again then", async () => {
    const maker = scriptedMaker((nth) =>
      nth === 1 ? Promise.reject(new Error("the disk is full")) : Promise.resolve({ kind: "useless", reason: "tried" }),
    );
    const service = startService(maker);
    expect(await answerOf(service, base, target)).toMatchObject({
      kind: "none",
      reason: expect.stringContaining("could not be made"),
    });
    expect(await service.answer(aDevice, base, target)).toMatchObject({ kind: "none" });
    await clock.advance(6 * 60_000);
    expect(await service.answer(aDevice, base, target)).toEqual({ kind: "being-made" });
    expect(await answerOf(service, base, target)).toEqual({ kind: "none", reason: "tried" });
  });

  it("is never started for what the device neither has nor is assigned", async () => {
    const maker = scriptedMaker(() => Promise.reject(new Error("nobody may ask for this")));
    const service = startService(maker);
    for (const [from, to] of [
      [target, base],
      [other, target],
      [base, base],
      [base, digestOf(5)],
    ] as const)
      expect(await service.answer(aDevice, from, to)).toMatchObject({ kind: "none" });
    await clock.advance(10_000);
    expect(maker.made).toBe(0);
  });
});
