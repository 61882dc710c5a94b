import { fileURLToPath } from "node:url";
import type { BrowserContext, Page } from "playwright-core";
import { chromium } from "playwright-core";
import type { ModelPackage } from "../../control-plane/packaging/package-model.ts";
import { packageModel } from "../../control-plane/packaging/package-model.ts";
import type { PublisherKey } from "../../control-plane/packaging/publisher-key.ts";
import { readModelSpec } from "../../control-plane/packaging/model-spec.ts";
import type { BrowserAgent, DeviceStatus, ModelStatus } from "../../edge-agent/browser/start-agent.ts";
import { digitsDirectory } from "../fixtures/read-digits.ts";
import type { DigitsVersion, EndToEndControl } from "./end-to-end-control.ts";
import { eventually, patienceMs } from "./end-to-end-waiting.ts";
import { findBrowser } from "./find-browser.ts";

/** A tablet: a real browser with a profile on the disk, whose page is a device. */
export interface EndToEndBrowser extends AsyncDisposable {
  readonly page: Page;
  /** Every request of its pages, and everything that they complained about. */
  readonly requested: readonly string[];
  readonly complaints: readonly string[];
  readonly warnings: readonly string[];
  status(): Promise<DeviceStatus>;
  model(): Promise<ModelStatus | undefined>;
  infer(pixels: ArrayLike<number>): Promise<Reading>;
  /** One after the other, in the page: a question from outside costs twenty times what the inference does. */
  inferEach(images: readonly ArrayLike<number>[]): Promise<readonly Reading[]>;
  /** Deletes databases of the page, as a browser does that needs room, or a person. */
  clear(...databases: readonly string[]): Promise<void>;
  /** Ends all of its processes at once, as a power cut does. */
  kill(): Promise<void>;
}

interface Reading {
  readonly version: string;
  readonly logits: readonly number[];
}

// What is called with `evaluate` runs in the page.
declare const window: { readonly sedge: BrowserAgent };
declare const indexedDB: { deleteDatabase(name: string): void };

export async function startBrowser(profile: string, address: string): Promise<EndToEndBrowser> {
  const options = { ...(await findBrowser()), headless: true, locale: "en-US" };
  const context = await chromium.launchPersistentContext(profile, options);
  context.setDefaultTimeout(patienceMs);
  const page = context.pages()[0] ?? (await context.newPage());
  const requested: string[] = [];
  const complaints: string[] = [];
  const warnings: string[] = [];
  context.on("request", (request) => requested.push(request.url()));
  context.on("weberror", (error) => complaints.push(String(error.error())));
  context.on("console", (line) => {
    if (line.type() === "error") complaints.push(line.text());
    if (line.type() === "warning") warnings.push(line.text());
  });
  await page.goto(address);
  const status = () => page.evaluate(() => window.sedge.status);
  const inferEach = (images: readonly ArrayLike<number>[]) =>
    page.evaluate(
      async (each) => {
        const readings: Reading[] = [];
        for (const pixels of each) {
          const image = { data: Float32Array.from(pixels, (value) => value / 255), dims: [1, 1, 28, 28] };
          const { version, outputs } = await window.sedge.infer("digits", { image });
          readings.push({ version, logits: Array.from(outputs["logits"]?.data ?? [], Number) });
        }
        return readings;
      },
      images.map((pixels) => Array.from(pixels)),
    );
  return {
    page,
    requested,
    complaints,
    warnings,
    status,
    async model() {
      const now = await status();
      return now.kind === "running" ? now.agent.models[0] : undefined;
    },
    infer: async (pixels) =>
      (
        await inferEach([pixels]).catch(async (cause: unknown) => {
          throw new Error(`the page is ${JSON.stringify(await status())}`, { cause });
        })
      )[0] as Reading,
    inferEach,
    clear: (...databases) =>
      page.evaluate((names) => {
        for (const name of names) indexedDB.deleteDatabase(name);
      }, databases),
    kill: () => crash(context, page),
    [Symbol.asyncDispose]: () => context.close(),
  };
}

async function crash(context: BrowserContext, page: Page): Promise<void> {
  const gone = new Promise((resolve) => context.once("close", resolve));
  const session = await context.newCDPSession(page);
  // Nobody is left to answer.
  session.send("Browser.crash").catch(() => undefined);
  await gone;
}

/** The page serves this version, and its update is over. */
export async function untilPageServes(browser: EndToEndBrowser, version: string): Promise<void> {
  let last: unknown;
  await eventually(
    `the page serves ${version}`,
    async () => {
      last = await browser.status();
      const model = await browser.model();
      return model?.serving?.version === version && model.phase === "idle" ? true : undefined;
    },
    { everyMs: 50 },
  ).catch((cause: unknown) => {
    throw new Error(`${JSON.stringify(last)} ${browser.complaints.join("; ")}`, { cause });
  });
}

/** The same package as for other devices, for the runtime of browsers too. */
export async function packageForBrowsers(
  version: DigitsVersion,
  key: PublisherKey,
  as: string = version,
): Promise<ModelPackage> {
  const spec = await readModelSpec(fileURLToPath(new URL(`digits-${version}.yaml`, digitsDirectory)));
  const runtimes = ["onnxruntime-node", "onnxruntime-web"];
  const variants = spec.variants?.map((variant) => ({ ...variant, runtimes }));
  return await packageModel(
    { ...spec, version: as as typeof spec.version, variants },
    key,
    { createdAtMs: 1_000 },
    new AbortController().signal,
  );
}

export async function push({ api }: EndToEndControl, made: ModelPackage): Promise<void> {
  for (const { digest, bytes } of made.files) await api.putArtifact(digest, bytes);
  await api.pushModel(made.bundle);
}
