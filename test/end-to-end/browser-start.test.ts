import type { Browser, Page, Route } from "playwright-core";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { BrowserAgent, DeviceStatus, StartOptions } from "../../edge-agent/browser/start-agent.ts";
import type { TestControlPlane } from "../support/control-plane.ts";
import { startTestControlPlane } from "../support/control-plane.ts";
import { operate } from "../support/end-to-end-control.ts";
import { eventually } from "../support/end-to-end-waiting.ts";
import { findBrowser } from "../support/find-browser.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

// A page whose browser leaves something without an answer for ever, in a real Chromium: what hangs is put into the worker's program.

// What is called with `evaluate` runs in the page.
declare const window: { readonly startAgent: (options: StartOptions) => BrowserAgent; told: DeviceStatus[] };

let plane: TestControlPlane;
let browser: Browser;
beforeAll(async () => {
  plane = await startTestControlPlane({ "mqtt.webSocketPort": "0", "http.devicePage": "built" });
  browser = await chromium.launch({ ...(await findBrowser()), headless: true });
});
afterAll(async () => {
  await browser.close();
  await plane[Symbol.asyncDispose]();
});

/** What becomes of the first request for the worker's program; the later ones get what the server has. */
type FirstProgram = (route: Route) => Promise<void>;

function hanging(code: string): FirstProgram {
  return async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `${code};${await response.text()}` });
  };
}

async function started(first: FirstProgram, options: StartOptions = {}): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  let asked = 0;
  await page.route(/\/assets\/agent-worker-.*\.js$/, (route) => (asked++ === 0 ? first(route) : route.continue()));
  // Any file of the same origin: no agent runs in it.
  await page.goto(`${plane.url}/device/files.json`);
  await page.evaluate(`import("/device/agent.js").then(({ startAgent }) => void (window.startAgent = startAgent))`);
  await page.evaluate((given) => {
    window.told = [];
    window.startAgent(given).onStatus((status) => void window.told.push(status));
  }, options);
  return page;
}

async function told(page: Page, kind: DeviceStatus["kind"]): Promise<DeviceStatus> {
  let all: readonly DeviceStatus[] = [];
  return await eventually(`the page says that it is ${kind}`, async () => {
    all = await page.evaluate(() => window.told);
    return all.find((status) => status.kind === kind);
  }).catch((cause: unknown) => {
    throw new Error(`it says ${JSON.stringify(all)}`, { cause });
  });
}

const never = "new Promise(() => undefined)";

it("runs, though the browser never counts what is stored", async () => {
  await using directory = await temporaryDirectory();
  const { api } = await operate(plane, directory.path);
  const { token } = await api.createEnrolmentToken({ labels: {} });
  const page = await started(hanging(`StorageManager.prototype.estimate = () => ${never}`), {
    enrol: { server: plane.url, token, device: "uncounted" },
  });
  expect(await told(page, "running")).toMatchObject({ agent: { device: "uncounted" } });
});

it.each([
  [
    "opens no database",
    hanging("IDBFactory.prototype.open = () => new EventTarget()"),
    "the browser has not answered within 0.5 seconds: the database of who this device is",
  ],
  [
    "gives no lock",
    hanging(`LockManager.prototype.request = () => ${never}`),
    "the browser has not answered within 0.5 seconds: its turn among the tabs",
  ],
  ["brings no program", async () => undefined, "the agent's worker has not begun within 1.5 seconds"],
  [
    "fails to bring the program",
    (route: Route) => route.abort(),
    "the agent's worker failed: its program could not be loaded",
  ],
])("says so and begins anew with another worker when the browser %s", async (_what, first, reason) => {
  const page = await started(first, { patienceMs: 500 });
  expect(await told(page, "failed")).toEqual({ kind: "failed", reason });
  await told(page, "not-enrolled");
});

it("keeps again, for a start without network, what a browser has lost of the page", async () => {
  const page = await (await browser.newContext()).newPage();
  await page.goto(`${plane.url}/device/`);
  const kept = `caches.open("sedge-device-page").then(async (cache) => (await cache.keys()).map(({ url }) => url))`;
  await page.evaluate("navigator.serviceWorker.ready.then(() => undefined)");
  const all = await eventually("the page is kept", async () => {
    const addresses = (await page.evaluate(kept)) as readonly string[];
    return addresses.some((address) => address.endsWith("/files.json")) ? addresses.toSorted() : undefined;
  });
  const lost = all.find((address) => address.includes("/agent-worker-"));
  await page.evaluate(`caches.open("sedge-device-page").then((cache) => cache.delete(${JSON.stringify(lost)}))`);
  expect(await page.evaluate(kept)).toHaveLength(all.length - 1);
  await page.reload();
  await eventually("it is whole again", async () =>
    ((await page.evaluate(kept)) as readonly string[]).length === all.length ? true : undefined,
  );
});
