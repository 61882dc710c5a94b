import { join } from "node:path";
import type { DeviceStatus, ModelStatus } from "../../edge-agent/browser/start-agent.ts";
import { readHeldOutDigits } from "../fixtures/read-digits.ts";
import type { TestControlPlane } from "../support/control-plane.ts";
import { startTestControlPlane } from "../support/control-plane.ts";
import { packageForBrowsers, push } from "../support/end-to-end-browser.ts";
import type { EndToEndControl } from "../support/end-to-end-control.ts";
import { operate, quickRollout, untilPhase } from "../support/end-to-end-control.ts";
import { lastingPort } from "../support/end-to-end-server.ts";
import { eventually, until } from "../support/end-to-end-waiting.ts";
import { packageTunedDigits } from "../support/tuned-digits.ts";
import type { RemoteBrowser } from "./remote-browser.ts";

// What a page as a device goes through, in any browser: enrolment, models, going back, a second tab, a start without network.

export interface Step {
  readonly name: string;
  run(): Promise<string>;
}

interface Reading {
  readonly version: string;
  readonly digit: number;
}

const device = "kiosk-1";

export async function prepareWalk(browser: RemoteBrowser, directory: string) {
  const settings = {
    data: join(directory, "control-plane"),
    "telemetry.window": "200ms",
    "http.port": String(await lastingPort()),
    "mqtt.webSocketPort": String(await lastingPort()),
    "http.devicePage": "built",
  };
  let plane = await startTestControlPlane(settings);
  const control = await operate(plane, directory);
  const { publisher: key } = control;
  await push(control, await packageForBrowsers("1", key));
  await push(control, await packageTunedDigits(1, { key, as: "2", directory }));
  await push(control, await packageTunedDigits(1.01, { key, as: "3", directory }));
  return {
    page: `${plane.url}/device/`,
    steps: stepsOf(browser, plane, control, async (isThere) => {
      if (isThere) plane = await startTestControlPlane(settings);
      else await plane[Symbol.asyncDispose]();
    }),
    [Symbol.asyncDispose]: () => plane[Symbol.asyncDispose](),
  };
}

function stepsOf(
  browser: RemoteBrowser,
  plane: TestControlPlane,
  control: EndToEndControl,
  server: (isThere: boolean) => Promise<void>,
): readonly Step[] {
  const page = `${plane.url}/device/`;
  const digits = readHeldOutDigits().slice(0, 20);
  const status = () => browser.run<DeviceStatus>("return window.sedge.status");
  const model = async (): Promise<ModelStatus | undefined> => {
    const now = await status();
    return now.kind === "running" ? now.agent.models[0] : undefined;
  };
  const read = () =>
    browser.run<readonly Reading[]>(`
      const readings = [];
      for (const pixels of ${JSON.stringify(digits.map(({ pixels }) => Array.from(pixels)))}) {
        const image = { data: Float32Array.from(pixels, (value) => value / 255), dims: [1, 1, 28, 28] };
        const { version, outputs } = await window.sedge.infer("digits", { image });
        const logits = Array.from(outputs.logits.data);
        readings.push({ version, digit: logits.indexOf(Math.max(...logits)) });
      }
      return readings;`);
  /** How many of the digits are read rightly by this version. */
  const readsWith = async (version: string): Promise<string> => {
    const readings = await eventually(`version ${version} answers`, async () => {
      const found = await read();
      return found.every((reading) => reading.version === version) ? found : undefined;
    });
    const right = readings.filter(({ digit }, i) => digit === digits[i]?.label).length;
    if (right < digits.length / 2) throw new Error(`only ${right} of ${digits.length} digits are read`);
    return `${right} of ${digits.length} digits read`;
  };
  const shows = (text: string) =>
    until(`the page says "${text}"`, () =>
      browser.run<boolean>(`return document.body.innerText.includes(${JSON.stringify(text)})`),
    );
  const rollOut = async (version: string) => {
    const rollout = await control.api.startRollout(quickRollout(version));
    await untilPhase(control, rollout, "complete", 60_000);
    return await readsWith(version);
  };

  return [
    {
      name: "opens the page",
      async run() {
        await browser.open(page);
        await shows("Enrol this browser");
        return await browser.run("return isSecureContext ? 'secure' : 'not secure'");
      },
    },
    {
      name: "enrols, when the button is pressed",
      async run() {
        const { token } = await control.api.createEnrolmentToken({ labels: {} });
        await browser.open("about:blank");
        await browser.open(`${page}#token=${token}&device=${device}`);
        await shows("Enrol this browser");
        await browser.run("document.querySelector('#enrol-form button').click()");
        await until("it is connected", async () => (await control.api.device(device)).presence.kind === "online");
        return (await control.api.device(device)).profile?.operatingSystem ?? "";
      },
    },
    { name: "fetches a model and answers with it", run: () => rollOut("1") },
    { name: "takes the next version", run: () => rollOut("2") },
    {
      name: "takes a version that resembles it as a delta",
      async run() {
        await control.api.changeSettings("voice", {
          after: 0,
          values: { "logs.send": "info" },
          rollout: { stages: [{ percent: 100, soakMs: 0 }] },
        });
        await until("it tells its log", async () =>
          ((await control.api.device(device)).reported?.settings ?? []).some(({ name }) => name === "voice"),
        );
        const read = await rollOut("3");
        const { fields } = await eventually("it tells of the delta", async () =>
          (await control.api.deviceLogs(device, { level: "info", limit: 100 })).find(
            ({ sentence }) => sentence === "a file came as a delta",
          ),
        );
        const field = (name: string) => fields.find((one) => one.name === name)?.value;
        return `${read}; ${field("sent")} bytes came of ${field("bytes")}`;
      },
    },
    {
      name: "goes back when a person says so",
      async run() {
        await browser.run("document.querySelector('.roll-back').click()");
        await browser.run("document.querySelector('#question-yes').click()");
        const read = await readsWith("2");
        await until(
          "the centre knows it",
          async () => (await control.api.device(device)).reported?.models[0]?.active?.version === "2",
        );
        return read;
      },
    },
    {
      name: "is the device it was after a reload",
      async run() {
        await browser.reload();
        return await readsWith("2");
      },
    },
    {
      name: "goes on when somebody comes back to the page with the browser's button",
      async run() {
        await browser.open(`${page}draw.html`);
        await shows("digits 2");
        await browser.run("setTimeout(() => history.back())");
        await shows("Connected");
        return await readsWith("2");
      },
    },
    {
      name: "says in a second tab that another is the device, which takes over then",
      async run() {
        const first = await browser.tab();
        const second = await browser.newTab();
        await browser.switchTo(second);
        await browser.open(page);
        await shows("Another tab of this browser is the device");
        await browser.switchTo(first);
        await browser.closeTab();
        await browser.switchTo(second);
        await shows("Connected");
        return await readsWith("2");
      },
    },
    {
      name: "is kept by its service worker",
      run: () => browser.run("return (await navigator.serviceWorker.ready).active.state"),
    },
    {
      name: "goes on when the control plane is away, and when it is opened then",
      async run() {
        await server(false);
        await readsWith("2");
        // Not `reload`: Firefox, driven from outside, then leaves the service worker out.
        await browser.open("about:blank");
        await browser.open(page);
        const read = await readsWith("2");
        await shows("Offline");
        await server(true);
        await shows("Connected");
        return `${read}; ${(await model())?.phase ?? ""}`;
      },
    },
  ];
}
