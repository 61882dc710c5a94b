import { readdirSync, readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runCommandLine } from "../../control-plane/cli/run-command-line.ts";
import { createTerminal } from "../../control-plane/cli/terminal.ts";
import type { SampleView } from "../../control-plane/http/views.ts";
import { decodeOnnx } from "../../control-plane/packaging/onnx/decode.ts";
import { digitsDirectory, readHeldOutDigits } from "../fixtures/read-digits.ts";
import type { TestControlPlane } from "../support/control-plane.ts";
import { startTestControlPlane } from "../support/control-plane.ts";
import type { EndToEndAgent } from "../support/end-to-end-agent.ts";
import { startAgent, untilServing } from "../support/end-to-end-agent.ts";
import type { EndToEndControl } from "../support/end-to-end-control.ts";
import { operate, quickRollout } from "../support/end-to-end-control.ts";
import { eventually } from "../support/end-to-end-waiting.ts";
import type { TemporaryDirectory } from "../support/temporary-directory.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

// A real agent and a real control plane: an operator switches sampling on, and gets a calibration set back.

let plane: TestControlPlane;
let control: EndToEndControl;
let directory: TemporaryDirectory;
let agent: EndToEndAgent;

beforeAll(async () => {
  directory = await temporaryDirectory();
  plane = await startTestControlPlane({ "telemetry.window": "200ms" });
  control = await operate(plane, directory.path);
  await control.push("1");
  agent = await startAgent(control, { id: "cam-1", data: join(directory.path, "cam-1") });
  await control.api.startRollout(quickRollout("1"));
  await untilServing(agent, "1");
});
afterAll(async () => {
  await agent[Symbol.asyncDispose]();
  await plane[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

async function sedge(...words: readonly string[]) {
  const written = { out: "", err: "" };
  const stream = (name: "out" | "err") => ({ write: (text: string) => Boolean((written[name] += text)) });
  const exitCode = await runCommandLine(
    words,
    {
      terminal: createTerminal(stream("out") as never, stream("err") as never, {}),
      environment: { SEDGE_SERVER: plane.url, SEDGE_TOKEN: plane.operatorToken },
      now: Date.now,
      signal: new AbortController().signal,
    },
    "1.2.3",
  );
  return { exitCode, ...written };
}

async function samplesAfterAsking(filter: readonly string[], least: number): Promise<readonly SampleView[]> {
  return await eventually(`${least} samples have come`, async () => {
    await agent.ask(asked++ % images.length);
    const { out } = await sedge("sample", "list", "-o", "json", ...filter);
    const { samples } = JSON.parse(out) as { readonly samples: readonly SampleView[] };
    return samples.length >= least ? samples : undefined;
  });
}

/** What the application asks about, as the model takes it. */
const images = readHeldOutDigits()
  .slice(0, 20)
  .map(({ pixels }) => Buffer.from(Float32Array.from(pixels, (value) => value / 255).buffer));
/** Four rows from the middle of the first one: no other bytes happen to be the same. */
const raw = (images[0] as Buffer).subarray(4 * 28 * 10, 4 * 28 * 14);
let asked = 0;

function filesBelow(path: string): readonly string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [join(entry.parentPath, entry.name)] : [],
  );
}

it("samples nothing until an operator switches it on", async () => {
  for (let i = 0; i < 5; i++) await agent.ask();
  expect((await sedge("sample", "settings", "digits")).out).toBe("nothing of digits is sampled\n");
  expect((await agent.status()).spool.samples).toEqual({ records: 0, bytes: 0 });
  expect(JSON.parse((await sedge("sample", "list", "-o", "json")).out)).toEqual({ samples: [] });
});

it("refuses rules for an input that no version has, and names those that there are", async () => {
  const { exitCode, err } = await sedge("sample", "settings", "digits", "--on", "--rule", "picture=keep");
  expect(exitCode).toBe(2);
  expect(err).toContain('no version has an input or output "picture"; there are image, logits');
});

it("brings samples to a directory that calibration takes as it is", async () => {
  const budget = ["--samples-per-day", "100000", "--kilobytes-per-day", "100000"];
  const reasons = ["--reasons", "uniform,low-confidence"];
  const on = await sedge("sample", "settings", "digits", "--on", ...budget, ...reasons, "--rule", "*=keep");
  expect(on).toMatchObject({ exitCode: 0, err: "" });

  const samples = await samplesAfterAsking(["--model", "digits", "--reason", "uniform"], 12);
  for (const { device, version, inclusionProbability } of samples) {
    expect({ device, version }).toEqual({ device: "cam-1", version: "1" });
    expect(inclusionProbability).toBeGreaterThan(0);
    expect(inclusionProbability).toBeLessThanOrEqual(1);
  }
  await samplesAfterAsking(["--reason", "low-confidence", "--device", "cam-1", "--since", "1h"], 1);

  const out = join(directory.path, "calibration");
  const exported = await sedge("sample", "export", "digits", "--out", out, "--limit", "12", "--reason", "uniform");
  expect(exported).toMatchObject({ exitCode: 0, out: `12 samples in ${out}\n` });
  expect((await readdir(join(out, "test_data_set_0"))).toSorted()).toEqual(["input_0.pb", "meta.json", "output_0.pb"]);
  const image = decodeOnnx(await readFile(join(out, "test_data_set_0", "input_0.pb")), "Tensor");
  expect([image.name, image.dims.map(Number)]).toEqual(["image", [1, 1, 28, 28]]);
  expect(images.some((asked) => asked.equals(image.rawData ?? new Uint8Array()))).toBe(true);
  expect(JSON.parse(await readFile(join(out, "test_data_set_0", "meta.json"), "utf8"))).toMatchObject({
    device: "cam-1",
    model: "digits",
    reason: "uniform",
  });

  const float = fileURLToPath(new URL("digits-1.onnx", digitsDirectory));
  const model = join(directory.path, "int8.onnx");
  const words = ["--method", "static-int8", "--calibration", out, "--out", model];
  const quantized = await sedge("model", "quantize", float, ...words);
  // On a busy machine it takes over a second, and tells so.
  expect({ ...quantized, err: quantized.err.replace(/^.* …\n/gm, "") }).toMatchObject({ exitCode: 0, err: "" });
});

it("brings the next inferences that somebody asked for, and no more of them", async () => {
  const words = ["sample", "request", "digits", "--to", "device=cam-1", "--count", "3"];
  const request = await sedge(...words);
  expect(request).toMatchObject({
    exitCode: 0,
    out: expect.stringMatching(/^request q-.+ from each of 1 device; it ends/),
  });
  expect((await sedge("sample", "settings", "digits")).out).toMatch(/^asked +the next 3 of digits of each device/m);
  await samplesAfterAsking(["--reason", "requested"], 3);
  for (let i = 0; i < 5; i++) await agent.ask();
  await samplesAfterAsking(["--reason", "uniform"], 14);
  const requested = await samplesAfterAsking(["--reason", "requested"], 3);
  expect(requested.map(({ inclusionProbability }) => inclusionProbability)).toEqual([1, 1, 1]);
});

it("brings of all inferences those for which a condition holds, and counts what came, until it is cancelled", async () => {
  const refused = await sedge("sample", "request", "digits", "--to", "all", "--where", "brightness < dark");
  expect(refused).toMatchObject({ exitCode: 2, err: expect.stringContaining('column 14: one number follows "<"') });

  const where = ["--where", "class in (3, 8) and confidence > 0.5"];
  const asking = await sedge("sample", "request", "digits", "--to", "all", "--count", "50", "--total", "2", ...where);
  const id = /^request (\S+): the next 50 of digits where class in .*, 2 in all; it ends/.exec(asking.out)?.[1] ?? "";
  await samplesAfterAsking(["--request", id], 2);
  const out = join(directory.path, "threes-and-eights");
  await sedge("sample", "export", "digits", "--out", out, "--request", id);
  for (const name of ["test_data_set_0", "test_data_set_1"]) {
    const logits = decodeOnnx(await readFile(join(out, name, "output_0.pb")), "Tensor");
    const scores = [...new Float32Array(new Uint8Array(logits.rawData ?? []).buffer)];
    expect([3, 8]).toContain(scores.indexOf(Math.max(...scores)));
    expect(JSON.parse(await readFile(join(out, name, "meta.json"), "utf8"))).toMatchObject({ request: id });
  }
  expect((await sedge("sample", "requests")).out).not.toContain(id);
  expect((await sedge("sample", "requests", "--all")).out).toMatch(new RegExp(`^${id} .* 2 of 2 .* complete `, "m"));

  const never = await sedge("sample", "request", "digits", "--to", "all", "--where", "brightness > 2");
  const second = /^request (\S+):/.exec(never.out)?.[1] ?? "";
  expect((await sedge("sample", "requests", "--model", "digits")).out).toMatch(
    new RegExp(`^${second} .* open, .* brightness > 2 `, "m"),
  );
  for (let i = 0; i < 5; i++) await agent.ask(i);
  expect(await sedge("sample", "cancel", second)).toMatchObject({
    exitCode: 0,
    out: `request ${second} is cancelled; 0 had come\n`,
  });
  expect((await sedge("sample", "cancel", second)).err).toContain("has ended already");
  expect((await sedge("sample", "requests", "--all")).out).toMatch(new RegExp(`^${second} .* cancelled .* by `, "m"));
});

it("leaves no pixel readable in the files of the device or of the control plane", () => {
  // The database holds samples of an image that was kept as it is.
  const files = [...filesBelow(agent.data), ...filesBelow(plane.data)];
  const holdsIt = (file: string) => {
    try {
      return readFileSync(file).includes(raw);
    } catch (error) {
      // Both programs go on: a file that was renamed or deleted since is found under its new name, or nowhere.
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
      throw error;
    }
  };
  expect(files.filter(holdsIt)).toEqual([]);
});

it("applies new rules without a rollout, and writes down who changed what and who looked", async () => {
  const changed = await sedge("sample", "settings", "digits", "--rule", "image=bin:0.5", "--rule", "logits=drop");
  expect(changed).toMatchObject({ exitCode: 0 });
  const out = join(directory.path, "binned");
  await eventually("the device has taken up the new rules", () =>
    agent.saved()?.assignment?.sampling?.models[0]?.rules.some(({ kind }) => kind === "bin") ? true : undefined,
  );
  const changedAtMs = Date.now();
  await eventually("a sample under the new rules has come", async () => {
    const [sample] = await samplesAfterAsking(["--limit", "1"], 1);
    return (sample?.takenAtMs ?? 0) > changedAtMs ? true : undefined;
  });
  expect(await sedge("sample", "export", "digits", "--out", out, "--limit", "1")).toMatchObject({ exitCode: 0 });
  const image = decodeOnnx(await readFile(join(out, "test_data_set_0", "input_0.pb")), "Tensor");
  const values = new Float32Array(new Uint8Array(image.rawData ?? []).buffer);
  expect(new Set(values)).toEqual(new Set([0, 1]));
  expect((await readdir(join(out, "test_data_set_0"))).toSorted()).toEqual(["input_0.pb", "meta.json"]);

  const events = (await control.api.events({ limit: 200 })).filter(({ kind }) => kind.startsWith("sample."));
  expect(events.map(({ kind, by }) => [kind, by])).toEqual([
    ["sample.settings", "operator"],
    ["sample.opened", "operator"],
    ["sample.requested", "operator"],
    ["sample.requested", "operator"],
    ["sample.request-complete", undefined],
    ["sample.opened", "operator"],
    ["sample.requested", "operator"],
    ["sample.request-cancelled", "operator"],
    ["sample.settings", "operator"],
    ["sample.opened", "operator"],
  ]);
});

it("keeps nothing any more once it is switched off", async () => {
  expect((await sedge("sample", "settings", "digits", "--off")).out).toBe("nothing of digits is sampled\n");
  await eventually("the device has taken it up", () =>
    agent.saved()?.assignment?.sampling === undefined ? true : undefined,
  );
  const handedIn = () =>
    eventually("the device has handed in what it had", async () =>
      (await agent.status()).spool.samples.records === 0 ? true : undefined,
    );
  await handedIn();
  const [last] = await control.api.samples({}, 1);
  for (let i = 0; i < 20; i++) await agent.ask();
  await handedIn();
  expect((await control.api.samples({}, 1))[0]?.id).toBe(last?.id);
});
