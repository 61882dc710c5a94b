import { createHash } from "node:crypto";
import { openFileSpool } from "../../edge-agent/adapters/node/file-spool.ts";
import { openStateStore } from "../../edge-agent/adapters/node/state-store.ts";
import { seededRandom } from "../../edge-agent/adapters/memory/seeded-random.ts";
import { VirtualClock } from "../../edge-agent/adapters/memory/virtual-clock.ts";
import type { AgentState, Candidate } from "../../edge-agent/core/agent-state.ts";
import type { Spool } from "../../edge-agent/core/ports.ts";
import { slotsOf } from "../../edge-agent/core/slots.ts";
import { decodeSpoolRecord } from "../../edge-agent/core/spool-record.ts";
import { maxAttempts } from "../../edge-agent/core/update-state.ts";
import { firstSeqOf } from "../../proto/codec/telemetry.ts";
import type { Digest } from "../../proto/ids.ts";
import { lanes } from "../../proto/telemetry-messages.ts";
import type { Lane } from "../../proto/telemetry-messages.ts";
import type { TestPackage } from "../support/agent-control.ts";
import { silentLog } from "../support/agent-world.ts";
import { dataDirectory, segmentBytes, spoolDirectory } from "./crash-world.ts";
import type { DiskImage } from "./disk-operations.ts";
import { fileIn, namesIn, rootEntry } from "./disk-operations.ts";
import { lossesIn } from "./lossy-factory.ts";
import { LossyFiles } from "./lossy-files.ts";
import type { Promises, SpoolPromise } from "./promises.ts";
import { acknowledgedIn } from "./promises.ts";

export interface ImageQuestion {
  readonly image: DiskImage;
  readonly promises: Promises;
  readonly packages: readonly TestPackage[];
  readonly factory?: TestPackage | undefined;
  /** The latest moment at which the power may have gone. */
  readonly now: number;
}

/** Opens what a power cut left with the adapters that the agent opens it with, and names every promise that it breaks. */
export async function brokenPromises(question: ImageQuestion): Promise<readonly string[]> {
  const broken: string[] = [...question.promises.forgivenEarly];
  const disk = new LossyFiles(question.image);
  const loaded = await stateOn(disk);
  checkNames(question.image, broken);
  checkState(loaded, question, broken);
  if (question.factory !== undefined) broken.push(...lossesIn(disk, question.factory));
  if (loaded !== undefined) {
    checkSlots(loaded, question, broken);
    checkAttempts(loaded, question.promises, broken);
    checkQuarantine(loaded, question, broken);
  }
  await checkSpool(disk, question, broken);
  return broken;
}

async function stateOn(disk: LossyFiles): Promise<AgentState | undefined> {
  const store = await openStateStore({ directory: dataDirectory, log: silentLog, disk });
  return await store.load();
}

/** Images share the bytes that the cut did not touch. */
const digests = new WeakMap<Uint8Array, string>();

/** A file under a digest is what the digest says. */
function checkNames(image: DiskImage, broken: string[]): void {
  for (const [path, bytes] of blobsOf(image)) {
    const digest = digests.get(bytes) ?? createHash("sha256").update(bytes).digest("hex");
    digests.set(bytes, digest);
    if (digest !== path.slice(3)) broken.push(`the file ${path} is not what its name says`);
  }
}

function blobsOf(image: DiskImage): readonly (readonly [string, Uint8Array])[] {
  const blobs = directoryIn(image, ["data", "blobs", "sha256"]);
  return [...blobs].flatMap(([prefix, entry]) =>
    [...namesIn(image, entry)].map(([name, file]) => [`${prefix}/${name}`, fileIn(image, file).bytes] as const),
  );
}

function directoryIn(image: DiskImage, path: readonly string[]): ReadonlyMap<string, number> {
  let entry: number | undefined = rootEntry;
  for (const name of path) entry = entry === undefined ? undefined : namesIn(image, entry).get(name);
  return entry === undefined ? new Map() : namesIn(image, entry);
}

/** The state is the one that was saved last, or one whose save had begun since. */
function checkState(loaded: AgentState | undefined, { promises }: ImageQuestion, broken: string[]): void {
  const found = loaded === undefined ? undefined : JSON.stringify(loaded);
  if (found === promises.saved || (found !== undefined && promises.saving.includes(found))) return;
  broken.push(`the state is ${found ?? "gone"}, and ${promises.saved ?? "none"} was saved`);
}

/** Every file of every slot is there: a working model always, and nothing to fetch for a rollback. */
function checkSlots(state: AgentState, { image, packages, factory }: ImageQuestion, broken: string[]): void {
  const cameWith: readonly string[] = [...(factory?.files.keys() ?? [])];
  const present = new Set([...blobsOf(image).map(([path]) => `sha256:${path.slice(3)}`), ...cameWith]);
  for (const model of state.models)
    for (const slot of slotsOf(model)) {
      const found = packages.find(({ assignment }) => assignment.package === slot.package);
      const others = new Set(found?.manifest.variants.map(({ file }) => file.digest));
      others.delete(slot.file);
      for (const file of found?.files.keys() ?? [])
        if (!others.has(file) && !present.has(file))
          broken.push(`${file} of ${slot.version} is missing, and a slot names it`);
    }
}

/** Once the next variant of a package has been started, the one before it is known to be bad: nothing starts it again. */
function checkQuarantine(state: AgentState, { promises, packages }: ImageQuestion, broken: string[]): void {
  for (const { manifest } of packages) {
    const started = manifest.variants.map(({ file }) => file.digest).filter((file) => promises.starts.has(file));
    const known = new Set(state.models.flatMap(({ quarantined }) => quarantined.map(({ file }) => file)));
    for (const file of started.slice(0, -1))
      if (!known.has(file)) broken.push(`${file} gave way to another variant, and nothing remembers why`);
  }
}

/** A start that the state does not know of could be made a fourth time. */
function checkAttempts(state: AgentState, { starts }: Promises, broken: string[]): void {
  for (const { candidate, active, previous } of state.models) {
    const file = candidate === undefined ? undefined : fileOf(candidate);
    if (candidate === undefined || file === undefined) continue;
    if (file === active?.file || file === previous?.file) continue;
    const counted = startsCountedIn(candidate);
    const seen = starts.get(file) ?? 0;
    if (seen > counted) broken.push(`${seen} starts of the candidate were seen, and at most ${counted} are counted`);
  }
}

function fileOf({ stage }: Candidate): Digest | undefined {
  return stage.kind === "fetching" ? undefined : stage.slot.file;
}

/** The first trial goes on with the worker of its preflight; each further one starts a worker. */
function startsCountedIn({ stage }: Candidate): number {
  switch (stage.kind) {
    case "fetching":
    case "verified":
      return 0;
    case "preflight":
      return stage.attempt;
    // The first one goes on with the worker of the preflight too.
    case "shadow":
    case "trial":
      return maxAttempts * (1 + (stage.proofs ?? 0)) + Math.max(1, stage.attempt) - 1;
  }
}

async function checkSpool(disk: LossyFiles, question: ImageQuestion, broken: string[]): Promise<void> {
  const { promises, now } = question;
  const clock = new VirtualClock();
  const random = seededRandom(7);
  const log = silentLog;
  await using spool = await openFileSpool({ directory: spoolDirectory, random, log, disk, clock, segmentBytes });
  if (promises.epoch !== undefined && spool.epoch !== promises.epoch) {
    broken.push(`the spool has begun anew: ${spool.epoch} instead of ${promises.epoch}`);
    return;
  }
  for (const lane of lanes) await checkLane(spool, lane, promises, now, broken);
}

async function checkLane(spool: Spool, lane: Lane, promises: Promises, now: number, broken: string[]): Promise<void> {
  const acknowledged = acknowledgedIn(promises)[lane];
  // What is held has the numbers that it would be sent under.
  await spool.release(lane);
  const { next } = spool.extent(lane);
  if (next <= acknowledged)
    broken.push(`${lane}: ${next} would be given away again, and ${acknowledged} is acknowledged`);
  let expected: number | undefined;
  for (const record of await readAll(spool, lane)) {
    const told = decodeSpoolRecord(record, 0);
    const first = firstSeqOf(told);
    if (expected === undefined && first > acknowledged + 1)
      broken.push(`${lane}: ${acknowledged + 1} to ${first - 1} are neither stored nor acknowledged`);
    if (expected !== undefined && first !== expected) broken.push(`${lane}: ${first} follows where ${expected} should`);
    expected = record.seq + 1;
    const appended = promises.records[lane].get(record.seq);
    if (told.body.kind !== "tombstone" && appended !== undefined && !Buffer.from(record.bytes).equals(appended.bytes))
      broken.push(`${lane}: record ${record.seq} is not what was appended`);
    // What is acknowledged may go in any order.
    const isOwed = appended !== undefined && appended.durableAt < now && record.seq > acknowledged;
    if (told.body.kind === "tombstone" && isOwed && !isTombstone(appended))
      broken.push(`${lane}: record ${record.seq} cannot be read back`);
  }
  const last = next - 1;
  for (const [seq, { durableAt }] of promises.records[lane])
    if (seq > last && seq > acknowledged && durableAt < now) broken.push(`${lane}: record ${seq} is lost`);
}

function isTombstone({ bytes }: SpoolPromise): boolean {
  return decodeSpoolRecord({ seq: Number.MAX_SAFE_INTEGER, bytes }, 0).body.kind === "tombstone";
}

async function readAll(spool: Spool, lane: Lane) {
  const { first, next } = spool.extent(lane);
  return first === next ? [] : await spool.read(lane, first, 2 ** 30, 2 ** 20);
}
