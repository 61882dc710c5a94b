import { execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { loadEnrolment, saveEnrolment } from "../../edge-agent/adapters/node/credential-store.ts";
import type { AgentStatus } from "../../edge-agent/core/agent-status.ts";
import { askStatus } from "../../edge-agent/daemon/running-agent.ts";
import { mebibytes, seconds } from "../../proto/units.ts";
import type { BenchDevice } from "../bench/agent/device.ts";
import { startBenchDevice } from "../bench/agent/device.ts";
import { binaryRequest, HttpStream } from "../bench/agent/http-stream.ts";
import type { BenchInput } from "../bench/agent/packages.ts";
import { pushBenchPackages } from "../bench/agent/packages.ts";
import { startControlPlaneProcess } from "../bench/control-plane-process.ts";
import { seededRandom } from "../fixtures/training/seeded-random.ts";

/**
 * The power of a device is cut in the kernel's own file system: the built agent, on an ext4 of its own on a loop device, is brought from
 * version to version without pause. At a random moment the image is copied as the loop device has received it: without what the kernel
 * still held back in memory, and with the journal as it stood. The copy is repaired by its journal, mounted, and the built agent is
 * started on it without its control plane: it must know who it is, have a model whenever it is asked, and answer with it.
 */
export interface Ext4Run {
  readonly cuts: number;
  readonly updates: number;
  /** Copies in which the journal had something to repair: a clean copy would prove nothing. */
  readonly recovered: number;
  readonly broken: readonly string[];
}

const run = promisify(execFile);
const program = fileURLToPath(new URL("../../dist/edge-agent/daemon/main.js", import.meta.url));
const imageBytes = mebibytes(64);
const versions = 6;

/** Why it cannot be done here; undefined where it can. */
export function whyNoLoopDevice(): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "loop devices are mounted by root, under Linux";
  for (const tool of ["mkfs.ext4", "fsck.ext4"])
    if (spawnSync(tool, ["-V"]).error !== undefined) return `${tool} is not installed`;
  const { status, stderr } = spawnSync("losetup", ["--find"], { encoding: "utf8" });
  return status === 0 ? undefined : `there is no loop device: ${stderr?.trim() ?? "losetup is not installed"}`;
}

export async function cutExt4(
  cuts: number,
  seed: number,
  tell: (line: string) => void,
  signal: AbortSignal,
): Promise<Ext4Run> {
  const directory = await mkdtemp(join(tmpdir(), "sedge-ext4-"));
  const random = seededRandom(seed);
  const broken: string[] = [];
  let recovered = 0;
  let done = 0;
  try {
    await using server = await startControlPlaneProcess([], signal);
    const { small } = await pushBenchPackages(server.api, versions, signal);
    await using disk = await newDisk(directory);
    await using device = await startBenchDevice(server, disk.path, "cut", signal);
    await device.update("small", "1");
    await using updates = keepUpdating(device, signal);
    for (; done < cuts && !signal.aborted; done++) {
      await delay(2_000 * random.uniform(), undefined, { signal });
      const settled = updates.settled();
      const image = await copyOfTheMoment(disk.image);
      // Only what was so before and after the copy was so in it.
      const expected = settled === updates.settled() ? settled : undefined;
      const life = await afterTheCut(image, join(directory, "copy"), small.input, expected, signal);
      if (life.recovered) recovered++;
      broken.push(...life.broken.map((one) => `cut ${done + 1}: ${one}`));
      tell(`cut ${done + 1}: ${life.summary}, after ${updates.count()} updates`);
    }
    return { cuts: done, updates: updates.count(), recovered, broken };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

interface Mounted extends AsyncDisposable {
  readonly path: string;
  readonly image: string;
}

async function newDisk(directory: string): Promise<Mounted> {
  const image = join(directory, "disk.ext4");
  await using file = await open(image, "w");
  await file.truncate(imageBytes);
  await run("mkfs.ext4", ["-q", image]);
  return mounted(image, join(directory, "disk"));
}

async function mounted(image: string, path: string): Promise<Mounted> {
  await mkdir(path, { recursive: true });
  await run("mount", ["-o", "loop", image, path]);
  return { path, image, [Symbol.asyncDispose]: async () => void (await run("umount", [path])) };
}

/**
 * What the loop device held at one moment: a copy takes time, and blocks of two moments together would be a disk that never was. When
 * two copies in a row are the same, nothing was written between them.
 */
async function copyOfTheMoment(image: string): Promise<Buffer> {
  let last = await readFile(image);
  for (;;) {
    const next = await readFile(image);
    if (next.equals(last)) return next;
    last = next;
  }
}

/** From version to version, each with a download: the device keeps two. */
function keepUpdating(device: BenchDevice, signal: AbortSignal) {
  const stop = new AbortController();
  let count = 0;
  let settled: string | undefined = "1";
  const ended = (async () => {
    for (let version = 2; !stop.signal.aborted && !signal.aborted; version = (version % versions) + 1) {
      settled = undefined;
      await device.update("small", String(version));
      settled = String(version);
      count++;
      await delay(500);
    }
  })();
  return {
    count: () => count,
    /** The version that is confirmed while no other is on its way. */
    settled: () => settled,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await ended;
    },
  };
}

async function afterTheCut(
  image: Buffer,
  copy: string,
  input: BenchInput,
  expected: string | undefined,
  signal: AbortSignal,
) {
  await writeFile(`${copy}.ext4`, image);
  // 0: clean, 1: repaired (fsck.ext4(8)); the journal is replayed as the kernel would.
  const check = spawnSync("fsck.ext4", ["-p", `${copy}.ext4`], { encoding: "utf8" });
  if (check.status !== 0 && check.status !== 1)
    return { recovered: true, summary: "not mountable", broken: [`fsck.ext4: ${check.stdout}${check.stderr}`] };
  const recovered = check.stdout.includes("recovering journal");
  await using disk = await mounted(`${copy}.ext4`, copy);
  const data = join(disk.path, "cut");
  const enrolment = await loadEnrolment(data);
  if (enrolment === undefined) return { recovered, summary: "not enrolled", broken: ["it does not know who it is"] };
  // Its twin goes on living, as the machine does: it stays connected, holds the lock that the copy shows, and has the address there.
  await saveEnrolment(data, { ...enrolment, mqttUrls: ["mqtt://127.0.0.1:1"] });
  for (const name of ["agent.lock", "local-endpoint.json"]) await rm(join(data, name), { force: true });
  const socket = `${copy}.sock`;
  const config = `${copy}.json`;
  await writeFile(config, JSON.stringify({ http: { host: "127.0.0.1", port: 0, socket } }));
  const child = spawn(process.execPath, [program, "run", "--data", data, "--config", config], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (log = (log + text).slice(-2_000)));
  const exited = once(child, "exit");
  try {
    const broken: string[] = [];
    let looks = 0;
    const deadline = performance.now() + seconds(60);
    for (;;) {
      signal.throwIfAborted();
      if (child.exitCode !== null)
        return { recovered, summary: "ended", broken: [`exit code ${child.exitCode}: ${log}`] };
      if (performance.now() > deadline)
        return { recovered, summary: "silent", broken: [`no answer in a minute: ${log}`] };
      await delay(20, undefined, { signal });
      const status: AgentStatus | undefined = await askStatus(data).catch(() => undefined);
      if (status === undefined) continue;
      looks++;
      const active = status.models[0]?.active;
      if (active === undefined) {
        broken.push(`no model in the status at look ${looks}, of generation ${status.generation}`);
        continue;
      }
      if (expected !== undefined && active !== expected)
        broken.push(`version ${active} is active, and ${expected} was confirmed`);
      if (!(await answers(socket, input))) continue;
      return { recovered, summary: `version ${active} answers, ${looks} looks${recovered ? "" : ", clean"}`, broken };
    }
  } finally {
    child.kill("SIGKILL");
    await exited;
  }
}

async function answers(socket: string, input: BenchInput): Promise<boolean> {
  try {
    using stream = await HttpStream.open({ path: socket });
    return (await stream.ask(binaryRequest(input))).status === 200;
  } catch {
    return false;
  }
}
