import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { connect } from "../../edge-agent/client/agent-client.ts";
import { digitsDirectory, readHeldOutDigits } from "../fixtures/read-digits.ts";
import { aDevice } from "../support/messages.ts";
import type { OneDeviceControl } from "../support/one-device-control.ts";
import { startOneDeviceControl } from "../support/one-device-control.ts";
import { eventually, SedgeAgent } from "../support/sedge-agent.ts";
import type { TemporaryDirectory } from "../support/temporary-directory.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const digits = readHeldOutDigits();
let control: OneDeviceControl;
let directory: TemporaryDirectory;
let data: string;
let agent: SedgeAgent;

beforeAll(async () => {
  control = await startOneDeviceControl();
  directory = await temporaryDirectory();
});
afterAll(async () => {
  await control[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});
let devices = 0;
beforeEach(() => {
  data = join(directory.path, `device-${devices++}`);
  agent = new SedgeAgent(data);
});

const run = (...args: readonly string[]) => agent.run(...args);
const enrol = () => agent.enrol(control);
const startDaemon = (inputs: readonly object[] = []) => agent.daemon(inputs);
const address = () => agent.address();
const status = () => agent.status();
const serving = () => agent.serving();

async function classify(pixels: Uint8Array): Promise<number> {
  const image = { name: "image", shape: [1, 1, 28, 28], datatype: "FP32", data: Array.from(pixels, (p) => p / 255) };
  const response = await fetch(`${await address()}/v2/models/digits/infer`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ inputs: [image] }),
  });
  if (!response.ok) throw new Error(await response.text());
  const { outputs } = (await response.json()) as { outputs: { data: number[] }[] };
  const scores = outputs[0]?.data ?? [];
  return scores.indexOf(Math.max(...scores));
}

async function inferenceChildrenOf(parent: number): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const state = await readFile(`/proc/${name}/status`, "latin1").catch(() => "");
    const command = await readFile(`/proc/${name}/cmdline`, "latin1").catch(() => "");
    if (command.includes("inference-child") && new RegExp(`^PPid:\\s+${parent}$`, "m").test(state))
      found.push(Number(name));
  }
  return found;
}

async function isAlive(pid: number): Promise<boolean> {
  const state = await readFile(`/proc/${pid}/status`, "latin1").catch(() => "State:\tX");
  return !/^State:\s+[ZX]/m.test(state);
}

describe("sedge-agent", () => {
  it("enrols, takes the model that is assigned, answers, reports, and stops in order", async () => {
    expect(await enrol()).toMatchObject({ code: 0, output: expect.stringContaining(`This device is "${aDevice}"`) });
    const camera = {
      kind: "generator",
      model: "digits",
      file: fileURLToPath(new URL("held-out-images.npy", digitsDirectory)),
      ratePerSecond: 50,
    };
    await using daemon = await startDaemon([camera]);
    await serving();

    const sample = digits.slice(0, 40);
    const answers = await Promise.all(sample.map(({ pixels }) => classify(pixels)));
    expect(answers.filter((answer, i) => answer === sample[i]?.label).length).toBeGreaterThan(32);

    const told = await run("status");
    expect(told).toMatchObject({ code: 0 });
    expect(told.output).toMatch(/connection: +connected/);
    expect(told.output).toMatch(/model digits: +answering with 1\S* \(/);
    expect(JSON.parse((await run("status", "-o", "json")).output)).toMatchObject({ device: aDevice, connected: true });

    await eventually("a window of the camera's inferences is sent", async () =>
      control.heard.find(
        (message) =>
          message.kind === "telemetry" &&
          message.records.some(({ body }) => body.kind === "window" && body.inferences > 0 && !body.trial),
      ),
    );
    expect(control.reported()?.models[0]).toMatchObject({ phase: "idle", active: { package: control.digits.digest } });

    using client = connect({ url: await address() });
    const model = client.model("digits");
    for (const [i, { pixels, label }] of sample.slice(0, 20).entries()) {
      const image = { data: Float32Array.from(pixels, (pixel) => pixel / 255), dims: [1, 1, 28, 28] };
      await model.infer({ image }, { id: `photo-${i}`, timeoutMs: 20_000 });
      await model.feedback(`photo-${i}`, { label: String(label) });
    }
    const toldCounts = () =>
      control.heard
        .flatMap((message) => (message.kind === "telemetry" ? message.records : []))
        .reduce(
          ([right, wrong], { body }) => {
            const { feedback } = body.kind === "window" ? body : {};
            return [right + (feedback?.right ?? 0), wrong + (feedback?.wrong ?? 0)] as const;
          },
          [0, 0] as readonly [number, number],
        );
    const [right] = await eventually("the truth about twenty answers has arrived", async () => {
      const counts = toldCounts();
      return counts[0] + counts[1] === 20 ? counts : undefined;
    });
    expect(right).toBeGreaterThan(15);

    daemon.process.kill("SIGTERM");
    expect(await daemon.exit).toBe(0);
    await eventually("the device has said goodbye", async () =>
      control.heard.find((message) => message.kind === "status" && message.state === "offline"),
    );
    expect(await readdir(data)).not.toContain("agent.lock");
    expect(await run("status")).toMatchObject({ code: 3, complaint: expect.stringContaining("no agent runs on") });
  });

  it("is not started twice on one directory", async () => {
    await enrol();
    await using daemon = await startDaemon();
    await eventually("it listens", address);
    const second = await run("run");
    expect(second).toMatchObject({ code: 1 });
    expect(second.complaint).toContain(`the agent with process id ${daemon.process.pid}`);
  });

  it("serves the model again after kill -9, also while its control plane is away, and leaves no process behind", async () => {
    await enrol();
    let children: number[];
    {
      await using daemon = await startDaemon();
      await serving();
      children = await inferenceChildrenOf(daemon.process.pid as number);
      expect(children).toHaveLength(1);
    }
    for (const child of children)
      await eventually("its child is gone", async () => !(await isAlive(child)) || undefined);

    const credential = join(data, "credential.json");
    const enrolment = JSON.parse(await readFile(credential, "utf8")) as object;
    await writeFile(credential, JSON.stringify({ ...enrolment, mqttUrls: ["mqtt://127.0.0.1:1"] }));
    await using again = await startDaemon();
    const first = await eventually("it says how it is", () => status().catch(() => undefined));
    expect(first.models).toMatchObject([{ model: "digits", active: expect.any(String) }]);
    const [sample] = digits;
    const answer = await eventually("it answers without a control plane", () =>
      classify((sample as (typeof digits)[number]).pixels),
    );
    expect(answer).toBeGreaterThanOrEqual(0);
    expect(await status()).toMatchObject({ connected: false });
    again.process.kill("SIGINT");
    expect(await again.exit).toBe(0);
  });

  it("says what is wrong before it starts: no enrolment, no token, three mistakes in the configuration", async () => {
    expect(await run("run")).toMatchObject({ code: 1, complaint: expect.stringContaining("sedge-agent enrol") });
    expect(await run("enrol", "--server", control.url)).toMatchObject({ code: 2 });
    const config = `${data}.yaml`;
    await writeFile(config, "http: { host: 0.0.0.0 }\nlog: { level: loud }\ninput: []\n");
    const refused = await run("run", "--config", config);
    expect(refused.code).toBe(2);
    for (const mistake of [/http\.host: /, /log\.level: /, /input: there is no such setting/])
      expect(refused.complaint).toMatch(mistake);
  });
});
