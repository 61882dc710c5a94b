import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { digitsDirectory } from "../fixtures/read-digits.ts";
import type { TestControlPlane } from "../support/control-plane.ts";
import { startTestControlPlane } from "../support/control-plane.ts";
import type { EndToEndControl } from "../support/end-to-end-control.ts";
import { operate, quickRollout, untilPhase } from "../support/end-to-end-control.ts";
import { eventually, until } from "../support/end-to-end-waiting.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { built } from "../support/built-programs.ts";

type Line = Record<string, unknown>;

/** The simulator as a process, and what it has said so far. */
function startSimulator(args: readonly string[]) {
  const entry = built(new URL("../../edge-agent/simulator/main.ts", import.meta.url));
  const child: ChildProcess = spawn(process.execPath, [entry, ...args], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  const lines: Line[] = [];
  let complaint = "";
  child.stderr?.on("data", (text: Buffer) => (complaint += text.toString()));
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on("line", (line) =>
    lines.push(JSON.parse(line) as Line),
  );
  return {
    lines,
    complaint: () => complaint,
    say: (line: object) => child.stdin?.write(`${JSON.stringify(line)}\n`),
    closeInput: () => child.stdin?.end(),
    exit: once(child, "close").then(([code]) => code as number | null),
    children: () => inferenceChildrenOf(child.pid ?? 0),
    kill: () => child.kill("SIGKILL"),
  };
}

/** Its inference processes; the loader that runs it from source has a process of its own. */
async function inferenceChildrenOf(parent: number): Promise<readonly number[]> {
  const found: number[] = [];
  for (const name of await readdir("/proc")) {
    const stat = await readFile(`/proc/${name}/stat`, "latin1").catch(() => "");
    // pid (name) state parent …; the name may hold anything, a closing bracket too.
    if (Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) !== parent) continue;
    const commandLine = await readFile(`/proc/${name}/cmdline`, "latin1").catch(() => "");
    if (commandLine.includes("inference-child")) found.push(Number(name));
  }
  return found;
}

describe("the simulator against a real control plane", () => {
  let plane: TestControlPlane;
  let control: EndToEndControl;
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  beforeAll(async () => {
    directory = await temporaryDirectory();
    plane = await startTestControlPlane();
    control = await operate(plane, directory.path);
  });
  afterAll(async () => {
    await plane[Symbol.asyncDispose]();
    await directory[Symbol.asyncDispose]();
  });

  it("runs a fleet that updates, is disturbed, and leaves nothing behind", async () => {
    const devices = ["sim-a", "sim-b", "sim-c"];
    const fleet = await Promise.all(
      devices.map(async (id) => ({
        id,
        hardware: "cm4",
        labels: {},
        token: (await control.api.createEnrolmentToken({ labels: { site: "lyon" } })).token,
      })),
    );
    const fleetFile = join(directory.path, "fleet.json");
    await writeFile(fleetFile, JSON.stringify(fleet));
    const images = fileURLToPath(new URL("held-out-images.npy", digitsDirectory));
    const [data, rate] = [join(directory.path, "simulated"), "20"];
    const flags = { server: plane.url, fleet: fleetFile, data, model: "digits", inputs: images, rate };
    const simulator = startSimulator([
      ...Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, value]),
      "--shared-runtime",
    ]);
    try {
      const said = (what: string, passes: (line: Line) => boolean) =>
        eventually(`the simulator says ${what}`, () => simulator.lines.find(passes));
      expect(await said("ready", ({ kind }) => kind === "ready")).toEqual({ kind: "ready", devices });

      await control.push("1");
      await untilPhase(control, await control.api.startRollout(quickRollout("1")), "complete");
      for (const device of devices) {
        const models = [{ model: "digits", serving: "1", phase: "idle" }];
        const line = JSON.stringify({ kind: "status", device, connected: true, models });
        await said(`that ${device} serves version 1`, (status) => JSON.stringify(status) === line);
      }
      expect(await simulator.children()).toHaveLength(1);

      simulator.say({ kind: "disturb", devices: ["sim-a", "sim-z"], effect: "blur" });
      expect(await said("no", ({ kind }) => kind === "refused")).toMatchObject({ problems: ["no such device: sim-z"] });
      simulator.say({ kind: "disturb", devices: ["sim-a"], effect: "blur" });
      await said("that it disturbs", ({ kind }) => kind === "disturbed");

      const children = await simulator.children();
      simulator.closeInput();
      expect(await simulator.exit).toBe(0);
      expect(simulator.complaint()).toBe("");
      for (const child of children)
        await until("the inference process is gone", async () => !(await readdir("/proc")).includes(String(child)));
      await eventually("every device has said goodbye", async () => {
        const known = await control.api.devices();
        return known.every(({ presence }) => presence.kind === "offline") ? true : undefined;
      });
    } finally {
      simulator.kill();
    }
  });

  it("says what is wrong with its command line, and what keeps it from starting", async () => {
    const withoutFleet = startSimulator([
      "--server",
      plane.url,
      "--data",
      join(directory.path, "none"),
      "--inputs",
      "x.npy",
    ]);
    expect(await withoutFleet.exit).toBe(2);
    expect(withoutFleet.complaint()).toContain("--inputs and --model belong together");
    const withoutToken = startSimulator([
      "--server",
      plane.url,
      "--data",
      join(directory.path, "none"),
      "--devices",
      "1",
    ]);
    expect(await withoutToken.exit).toBe(1);
    expect(withoutToken.complaint()).toContain("sim-1 is not enrolled, and there is no token for it");
  });
});
