import BetterSqlite from "better-sqlite3";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ModelPackage } from "../../control-plane/packaging/package-model.ts";
import { createPublisherKey } from "../../control-plane/packaging/publisher-key.ts";
import { onnxRuntimeInChild } from "../../edge-agent/adapters/node/onnxruntime-child.ts";
import type { BrowserAgent } from "../../edge-agent/browser/start-agent.ts";
import { decodeDeviceMessage } from "../../proto/codec.ts";
import { parseModelName } from "../../proto/ids.ts";
import type { TelemetryRecord } from "../../proto/telemetry-messages.ts";
import { mebibytes } from "../../proto/units.ts";
import { digitsDirectory, readHeldOutDigits } from "../fixtures/read-digits.ts";
import type { TestControlPlane } from "../support/control-plane.ts";
import { startTestControlPlane } from "../support/control-plane.ts";
import type { EndToEndBrowser } from "../support/end-to-end-browser.ts";
import { packageForBrowsers, push, startBrowser, untilPageServes } from "../support/end-to-end-browser.ts";
import type { DigitsVersion, EndToEndControl } from "../support/end-to-end-control.ts";
import { operate, quickRollout, untilPhase } from "../support/end-to-end-control.ts";
import { lastingPort } from "../support/end-to-end-server.ts";
import { eventually, until } from "../support/end-to-end-waiting.ts";
import { digestOf } from "../support/messages.ts";
import { packageTunedDigits } from "../support/tuned-digits.ts";
import type { TemporaryDirectory } from "../support/temporary-directory.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

// A browser as a device: the page that the control plane serves, in a real Chromium with a profile on the disk.

// What is called with `evaluate` runs in the page.
declare const window: { readonly sedge: BrowserAgent };

const digits = readHeldOutDigits();
const device = "kiosk-1";

let directory: TemporaryDirectory;
let plane: TestControlPlane;
let control: EndToEndControl;
let browser: EndToEndBrowser;
let page: string;
const packages: Partial<Record<DigitsVersion, ModelPackage>> = {};
/** With ports that stay the same when the control plane is started again. */
let settings: Parameters<typeof startTestControlPlane>[0];

beforeAll(async () => {
  directory = await temporaryDirectory();
  settings = {
    data: join(directory.path, "control-plane"),
    "telemetry.window": "200ms",
    "http.port": String(await lastingPort()),
    "mqtt.webSocketPort": String(await lastingPort()),
    "http.devicePage": "built",
  };
  plane = await startTestControlPlane(settings);
  page = `${plane.url}/device/`;
  control = await operate(plane, directory.path);
  for (const version of ["1", "2", "3"] as const) {
    packages[version] = await packageForBrowsers(version, control.publisher);
    await push(control, packages[version]);
  }
  browser = await startBrowser(join(directory.path, "profile"), page);
});
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  await plane[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

async function startAgain(): Promise<void> {
  browser = await startBrowser(join(directory.path, "profile"), page);
}

/** Asks for one inference after the other until `signal`; what fails is the page's own to report. */
async function keepAsking(signal: AbortSignal): Promise<void> {
  const images = digits.map(({ pixels }) => pixels);
  for (let i = 0; !signal.aborted; i = (i + 25) % images.length)
    await browser.inferEach(images.slice(i, i + 25)).catch(() => undefined);
}

/** Rolls a version out to the page, without evidence. */
async function roll(version: string): Promise<void> {
  const rollout = await control.api.startRollout(quickRollout(version));
  await untilPageServes(browser, version);
  await untilPhase(control, rollout, "complete");
}

/** A bar and a slanted line, with the mouse. */
async function drawSeven(): Promise<void> {
  const { mouse } = browser.page;
  const sheet = await browser.page.locator("#sheet").boundingBox();
  if (sheet === null) throw new Error("the page shows no sheet");
  const moveTo = (right: number, down: number) =>
    mouse.move(sheet.x + right * sheet.width, sheet.y + down * sheet.height, { steps: 6 });
  await moveTo(0.28, 0.2);
  await mouse.down();
  await moveTo(0.72, 0.2);
  await moveTo(0.45, 0.85);
  await mouse.up();
}

/** The same with the arrow keys. */
async function drawSevenByKeys(): Promise<void> {
  const { keyboard } = browser.page;
  const press = async (times: number, ...keys: readonly string[]) => {
    for (let i = 0; i < times; i++) for (const key of keys) await keyboard.down(key);
    for (const key of keys) await keyboard.up(key);
  };
  await browser.page.getByLabel("Sheet to draw one digit on").focus();
  await press(5, "ArrowLeft");
  await keyboard.press("Space");
  await browser.page.getByText("The pen is down.").waitFor();
  await press(10, "ArrowRight");
  await keyboard.down("ArrowDown");
  await press(6, "ArrowLeft");
  await press(7, "ArrowDown");
  await keyboard.press("Space");
}

/** The largest file that no other version has: the model. */
function fileOnlyIn(version: DigitsVersion): string {
  const others = new Set(
    Object.entries(packages).flatMap(([name, made]) =>
      name === version ? [] : made.files.map(({ digest }) => digest),
    ),
  );
  const own = packages[version]?.files.filter(({ digest }) => !others.has(digest)) ?? [];
  const [largest] = own.toSorted((a, b) => b.bytes.length - a.bytes.length);
  if (largest === undefined) throw new Error(`version ${version} has no file of its own`);
  return largest.digest;
}

/** One byte in the middle, where the control plane keeps the file. */
async function changeStoredFile(digest: string): Promise<{ putBack(): Promise<void> }> {
  const hex = digest.slice("sha256:".length);
  const path = join(plane.data, "artifacts/sha256", hex.slice(0, 2), hex);
  const content = await readFile(path);
  const changed = Uint8Array.from(content);
  const middle = Math.floor(changed.length / 2);
  changed[middle] = (changed[middle] ?? 0) ^ 1;
  await writeFile(path, changed);
  return { putBack: () => writeFile(path, content) };
}

async function reportedVersion(): Promise<string | undefined> {
  return (await control.api.device(device)).reported?.models[0]?.active?.version;
}

function countedOf(version: string): number {
  return storedRecords().reduce(
    (sum, { body }) => sum + (body.kind === "window" && body.version === version ? body.inferences : 0),
    0,
  );
}

function storedRecords(): TelemetryRecord[] {
  const database = new BetterSqlite(join(plane.data, "sedge.db"), { readonly: true });
  try {
    const rows = database.prepare("select payload from telemetry_record where device = ? order by id").all(device);
    return (rows as { payload: Buffer }[]).flatMap(({ payload }) => {
      const batch = decodeDeviceMessage(new Uint8Array(payload));
      return batch.ok && batch.value.kind === "telemetry" ? batch.value.records : [];
    });
  } finally {
    database.close();
  }
}

describe("the page", () => {
  it("becomes a device when a person presses the button, not by the link alone", async () => {
    const { token } = await control.api.createEnrolmentToken({ labels: { room: "hall" } });
    await browser.page.goto(`${page}?from=code#token=${token}&device=${device}`);
    await browser.page.getByRole("button", { name: "Enrol" }).waitFor();
    expect(browser.page.url()).not.toContain(token);
    expect(await control.api.devices()).toEqual([]);
    await browser.page.getByRole("button", { name: "Enrol" }).click();
    await until("it is connected", async () => (await control.api.device(device)).presence.kind === "online");
    expect(await control.api.device(device)).toMatchObject({ labels: { room: "hall" }, hardware: "browser" });
    await browser.page.getByText("Connected", { exact: true }).waitFor();
  });

  it("serves the first version with the answers of a device that runs Node", async () => {
    await roll("1");
    const specs = { dataType: "float32", shape: [1, 1, 28, 28] } as const;
    await using native = await onnxRuntimeInChild().start(
      {
        model: parseModelName("digits"),
        location: fileURLToPath(new URL("digits-1.onnx", digitsDirectory)),
        file: digestOf(1),
        inputs: [{ name: "image", ...specs }],
        outputs: [{ name: "logits", ...specs, shape: [1, 10] }],
        maxInferenceMs: 30_000,
      },
      new AbortController().signal,
    );
    const shown = digits.slice(0, 50);
    const readings = await browser.inferEach(shown.map(({ pixels }) => pixels));
    for (const [i, { pixels }] of shown.entries()) {
      const image = Float32Array.from(pixels, (value) => value / 255);
      const input = {
        name: "image",
        dataType: "float32",
        dims: [1, 1, 28, 28],
        rawData: new Uint8Array(image.buffer),
      } as const;
      const [output] = await native.infer([input], new AbortController().signal);
      const expected = new Float32Array(output?.rawData.slice().buffer ?? new ArrayBuffer());
      const { version, logits = [] } = readings[i] ?? {};
      expect(version).toBe("1");
      expect(logits).toHaveLength(10);
      expect(Math.max(...logits.map((logit, k) => Math.abs(logit - (expected[k] ?? Number.NaN))))).toBeLessThan(1e-3);
    }
  });

  it("reports what it has counted, to committed rows of the control plane", async () => {
    await until("its inferences are counted", () => countedOf("1") >= 50);
    expect(countedOf("1")).toBe(50);
  });

  it("knows what the memory of its model takes, of a budget that follows from the machine's", async () => {
    const { budgetBytes } = await eventually("the worker was measured", async () => {
      const now = await browser.status();
      const memory = now.kind === "running" ? now.agent.memory : undefined;
      // What the runtime begins with.
      return memory !== undefined && memory.usedBytes >= mebibytes(16) ? memory : undefined;
    });
    expect(budgetBytes).toBeGreaterThanOrEqual(mebibytes(64));
    expect(budgetBytes).toBeLessThan(mebibytes(4_096));
  });

  it("takes the next version, and goes back when a person says so", async () => {
    await roll("2");
    await browser.page.getByRole("button", { name: "Go back to 1…" }).click();
    await browser.page.getByRole("button", { name: "Go back", exact: true }).click();
    await untilPageServes(browser, "1");
    await browser.page.getByText("The last update was taken back").waitFor();
    await until("the control plane knows it", async () => (await reportedVersion()) === "1");
    // Another rollout is a person's word that the cause is gone.
    await roll("2");
    expect(await reportedVersion()).toBe("2");
  });

  it("takes a version that resembles the one that it has as what it differs in", async () => {
    const { publisher: key } = control;
    const whole = await packageTunedDigits(1, { key, as: "2-float", directory: directory.path });
    const tuned = await packageTunedDigits(1.01, { key, as: "2-tuned", directory: directory.path });
    await push(control, whole);
    await push(control, tuned);
    await roll("2-float");
    const before = browser.requested.length;
    await roll("2-tuned");
    expect((await browser.infer(digits[0]?.pixels ?? [])).version).toBe("2-tuned");
    const asked = browser.requested.slice(before).filter((address) => address.includes("/artifacts/"));
    const isModel = ({ bytes }: { readonly bytes: Uint8Array }) => bytes.length > 50_000;
    const model = tuned.files.find(isModel)?.digest ?? "";
    expect(asked.some((address) => address.includes(`${model}/delta?from=${whole.files.find(isModel)?.digest}`))).toBe(
      true,
    );
    expect(asked.filter((address) => address.endsWith(model))).toEqual([]);
    await roll("2");
  });

  it("sends the lines of its log that the centre asks for, and the inferences that somebody asks for", async () => {
    await control.api.changeSettings("voice", {
      after: 0,
      values: { "logs.send": "info" },
      rollout: { stages: [{ percent: 100, soakMs: 0 }] },
    });
    await control.api.setSampling("digits", {
      reasons: ["uniform"],
      samplesPerDay: 1,
      bytesPerDay: 1_000_000,
      rules: [{ tensor: "*", kind: "keep" }],
    });
    await control.api.requestSamples("digits", { selector: `device=${device}`, count: 2, forMs: 600_000 });
    const requested = await eventually("the samples have come", async () => {
      await browser.infer(digits[0]?.pixels ?? []);
      const samples = await control.api.samples({ reason: "requested" }, 10);
      return samples.length >= 2 ? samples : undefined;
    });
    expect(requested).toMatchObject([
      { device, version: "2" },
      { device, version: "2" },
    ]);
    // What it is to send of its start it must know before.
    await eventually("the settings are in force", async () => {
      const { reported } = await control.api.device(device);
      return reported?.settings?.some(({ name, version }) => name === "voice" && version === 1) ? true : undefined;
    });
    await browser.page.reload();
    const first = await browser.page.evaluate(() => window.sedge.until(({ kind }) => kind === "running"));
    // It knows what it has before it says that it runs.
    expect(first).toMatchObject({ agent: { models: [{ model: "digits", active: "2" }] } });
    await untilPageServes(browser, "2");
    const lines = await eventually("the page tells of its start", async () => {
      const found = await control.api.deviceLogs(device, { level: "info", limit: 100 });
      return found.some(({ sentence }) => sentence === "the agent has started") ? found : undefined;
    });
    expect(lines.every(({ level }) => level !== "debug")).toBe(true);
  });

  it("is a library for applications: one reads the digits that a person draws, and hears whether it was right", async () => {
    await browser.page.getByRole("link", { name: "a page that asks this device’s models" }).click();
    await browser.page.getByText("digits 2", { exact: true }).waitFor();
    await drawSeven();
    await browser.page.getByText("Version 2 reads a 7.").waitFor();
    await browser.page.getByRole("button", { name: /^7, \d+ %$/ }).click();
    await browser.page.getByText("Noted: it was a 7.").waitFor();
    const judged = await eventually("the control plane knows that the answer was right", () =>
      storedRecords()
        .flatMap(({ body }) => (body.kind === "window" && body.feedback ? [body] : []))
        .at(0),
    );
    expect(judged).toMatchObject({ version: "2", feedback: { right: 1, wrong: 0 } });
    await drawSevenByKeys();
    await browser.page.getByText("Version 2 reads a 7.").waitFor();
    await browser.page.getByRole("link", { name: "The device behind this page" }).click();
    await untilPageServes(browser, "2");
  });

  it("takes no file whose bytes were changed, from nobody, and answers with what it has", async () => {
    const changed = await changeStoredFile(fileOnlyIn("3"));
    const rollout = await control.api.startRollout(quickRollout("3"));
    await until(
      "both ways were tried",
      () => browser.warnings.filter((line) => line.includes("a source sent wrong bytes")).length >= 2,
    );
    expect(await browser.model()).toMatchObject({ active: "2", serving: { version: "2" } });
    expect((await browser.infer(digits[0]?.pixels ?? [])).version).toBe("2");
    await control.api.commandRollout(rollout.id, { kind: "roll-back", reason: "seen" });
    await untilPhase(control, rollout, "rolled-back");
    await untilPageServes(browser, "2");
    await changed.putBack();
  });

  it("is taken back from a version whose answers drift, by what it has reported", async () => {
    const asking = new AbortController();
    const asked = keepAsking(asking.signal);
    await until("the version before is known well enough", () => countedOf("2") >= 200);
    const rollout = await control.api.startRollout(
      quickRollout("3", {
        stages: [{ percent: 100, soakMs: 500, minInferences: 50 }],
        gates: { maxLatencyRatio: null },
      }),
    );
    await untilPhase(control, rollout, "rolled-back");
    await untilPageServes(browser, "2");
    asking.abort();
    await asked;
    const { updates } = await control.api.rollout(rollout.id);
    expect(updates).toMatchObject([{ device, state: "reverted" }]);
  });

  it("refuses a package of a publisher that it did not know when it was enrolled, and says so", async () => {
    const stranger = await createPublisherKey(join(directory.path, "stranger.pem"));
    await control.api.addPublisher(stranger.publicKey);
    await push(control, await packageForBrowsers("1", stranger, "stranger"));
    const rollout = await control.api.startRollout(quickRollout("stranger", { onFailure: "pause" }));
    await untilPhase(control, rollout, "paused");
    const failure = await eventually("the page says why", async () => (await browser.model())?.failure);
    expect(failure.reason).toMatch(/publisher|signed|signature/);
    expect((await browser.infer(digits[0]?.pixels ?? [])).version).toBe("2");
    await control.api.commandRollout(rollout.id, { kind: "abort", reason: "seen" });
  });

  it("says in a second tab that another one is the device, and takes over when that is closed", async () => {
    const second = await browser.page.context().newPage();
    await second.goto(page);
    await second.getByText("Another tab of this browser is the device").waitFor();
    await browser.page.goto("about:blank");
    await second.getByText("Connected", { exact: true }).waitFor();
    await browser.page.goto(page);
    await browser.page.getByText("Another tab of this browser is the device").waitFor();
    await second.close();
    await untilPageServes(browser, "2");
    expect((await browser.infer(digits[0]?.pixels ?? [])).version).toBe("2");
  });

  it("asks for nothing but its own server, and its policy stops nothing that it needs", () => {
    const hosts = new Set(browser.requested.map((address) => new URL(address).host));
    expect([...hosts]).toEqual([new URL(plane.url).host]);
    expect(browser.complaints).toEqual([]);
  });
});

describe("the browser is killed while an update is under way", () => {
  // The first is fetched whole; each of the others resembles the one before it and comes as a delta. The last moment is in the trial,
  // when the new version answers already.
  it.each([
    ["fetching", 1.02, "/artifacts/"],
    ["unpacking", 1.04, "/delta?from="],
    ["trial", 1.06, undefined],
  ] as const)(
    "while it is %s: comes back with a version that works, then the wanted one",
    async (phase, stronger, address) => {
      const before = (await browser.model())?.serving?.version ?? "";
      const wanted = `2-${phase}`;
      const { publisher: key } = control;
      await push(control, await packageTunedDigits(stronger, { key, as: wanted, directory: directory.path }));
      const requestedBefore = browser.requested.length;
      const rollout = await control.api.startRollout(
        quickRollout(wanted, { soak: { durationMs: 1_000, minInferences: 0, deadlineMs: 1_000 } }),
      );
      const asks = (part: string) => browser.requested.slice(requestedBefore).some((asked) => asked.includes(part));
      const isOnTrial = async () => (await browser.model())?.phase === "trial";
      await eventually(
        `the update is ${phase}`,
        async () => ((address === undefined ? await isOnTrial() : asks(address)) ? true : undefined),
        { everyMs: 5 },
      );
      await browser.kill();
      await startAgain();
      const { version } = await eventually("it answers", () => browser.infer(digits[0]?.pixels ?? []));
      expect([before, wanted]).toContain(version);
      await untilPageServes(browser, wanted);
      await untilPhase(control, rollout, "complete");
      expect((await control.api.devices()).map(({ id }) => id)).toEqual([device]);
    },
  );
});

it("is there, and answers, when it is opened while the control plane is away", async () => {
  await until("the page is kept for when nobody answers", async () => {
    const state = await browser.page.evaluate(
      "Promise.race([navigator.serviceWorker.ready.then(({ active }) => active.state), new Promise((resolve) => setTimeout(resolve, 3000))])",
    );
    // A browser that was killed may have lost what it began to keep: the next visit begins again.
    if (state === undefined) await browser.page.reload();
    return state === "activated";
  });
  await browser[Symbol.asyncDispose]();
  await plane[Symbol.asyncDispose]();
  await startAgain();
  const { version } = await eventually("it answers", () => browser.infer(digits[0]?.pixels ?? []));
  expect(version).toBe("2-trial");
  await browser.page.getByText("Offline", { exact: true }).waitFor();
  plane = await startTestControlPlane(settings);
  await browser.page.getByText("Connected", { exact: true }).waitFor();
});

describe("the browser clears the storage", () => {
  it("of the models and the spool: the device stays who it is, says so, and is given its model again", async () => {
    await browser.clear("sedge-data.device");
    await until("the control plane hears of it", () =>
      storedRecords().some(({ body }) => body.kind === "event" && body.name === "spool-reset"),
    );
    const { version } = await eventually("it answers again", () => browser.infer(digits[0]?.pixels ?? []));
    expect(version).toBe("2-trial");
  });

  it("of everything: the page says what it was", async () => {
    await browser.clear("sedge-identity.device", "sedge-data.device");
    await browser.page.getByText(`This was the device “${device}”`).waitFor();
    expect(await browser.page.getByRole("button", { name: "Enrol" }).isVisible()).toBe(true);
    expect(await browser.status()).toEqual({ kind: "not-enrolled" });
  });
});
