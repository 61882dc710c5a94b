import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { createPublisherKey } from "../../packaging/publisher-key.ts";
import { readConfig } from "../../server/config.ts";
import { createLogger } from "../../server/logger.ts";
import { startControlPlane } from "../../server/services.ts";
import type { ApiClient } from "../api-client.ts";
import { createApiClient } from "../api-client.ts";
import { findConnection } from "../connection.ts";
import { packageVersion } from "../package-version.ts";
import { pushModel } from "../push-model.ts";
import type { Session, Surroundings } from "../session.ts";
import { formatSize } from "../sizes.ts";
import { claim } from "./claim.ts";
import type { DemoFleet } from "./demo-fleet.ts";
import { startDemoFleet } from "./demo-fleet.ts";
import { startDigitsApplication } from "./digits-application.ts";
import type { Narrator } from "./narrator.ts";
import { createNarrator } from "./narrator.ts";
import type { ActReport, Stage } from "./story.ts";
import { acts } from "./story.ts";

/** The real input: handwritten digits, and networks trained on others of them. They lie in the package, beside dist/ when it is built. */
const packageRoot = new URL(import.meta.url.endsWith(".ts") ? "../../../" : "../../../../", import.meta.url);
const digits = new URL("test/fixtures/digits/", packageRoot);
const images = new URL("held-out-images.npy", digits);
const labels = new URL("held-out-labels.npy", digits);

/** What the demo measured of itself. */
export interface DemoFigures {
  readonly ok: true;
  readonly seconds: number;
  readonly acts: readonly (ActReport & { readonly seconds: number })[];
  readonly devices: number;
  readonly agentProcesses: number;
  readonly bytes: { readonly models: number; readonly telemetry: number };
  /** Share of right answers that the application got, by model version. */
  readonly accuracy: Readonly<Record<string, number>>;
}

export interface DemoOptions {
  /** Keep the fleet running after the story, until Ctrl-C. */
  readonly stay: boolean;
  /** Leave the data and the logs of all programs behind. */
  readonly keep: boolean;
}

/**
 * Plays the whole job: control plane, fleet, four acts. Everything lives in one temporary directory, on loopback and free ports, and
 * is gone when this settles. Rejects with a ClaimFailedError where the story does not hold.
 */
export async function runDemo(surroundings: Surroundings, options: DemoOptions): Promise<DemoFigures> {
  const { terminal, signal } = surroundings;
  const started = performance.now();
  const output = { isTTY: terminal.isTTY, columns: terminal.columns(), write: (text: string) => terminal.err(text) };
  const narrator = createNarrator(output, () => performance.now() - started);
  const directory = await mkdtemp(join(tmpdir(), "sedge-demo-"));
  const log = createWriteStream(join(directory, "control-plane.log"));
  try {
    const config = await readConfig({
      environment: {},
      flags: {
        data: join(directory, "control-plane"),
        "http.port": "0",
        "mqtt.port": "0",
        "telemetry.window": "1s",
        "drift.window": "4s",
        "log.format": "json",
      },
    });
    await using controlPlane = await startControlPlane(config, createLogger(config.log, log), packageVersion());
    const { http, mqttTcp } = controlPlane.addresses;
    narrator.note(
      `Control plane ${http}   MQTT ${mqttTcp}   data ${directory}${options.keep ? "" : " (deleted at the end)"}`,
    );
    const api = createApiClient(await findConnection({ data: controlPlane.dataDirectory }, {}), signal);
    const push = await publisher(surroundings, api, narrator, directory);
    await using fleet = await startDemoFleet(api, directory, images, signal);
    narrator.note(
      `${fleet.devices.length} devices at three sites: ${fleet.processes} \`sedge-agent\` processes, the others in the simulator`,
    );
    const figures = await play({ api, narrator, fleet, push, signal }, started);
    ending(narrator, figures, controlPlane.dataDirectory, options.stay);
    if (options.stay && !signal.aborted) {
      narrator.note("The fleet goes on until you press Ctrl-C.");
      await once(signal, "abort");
    }
    return figures;
  } finally {
    log.end();
    if (options.keep) narrator.note(`Data and logs: ${directory}`);
    else await rm(directory, { recursive: true, force: true });
  }
}

interface Play {
  readonly api: ApiClient;
  readonly narrator: Narrator;
  readonly fleet: DemoFleet;
  readonly push: Stage["push"];
  readonly signal: AbortSignal;
}

async function play({ api, narrator, fleet, push, signal }: Play, started: number): Promise<DemoFigures> {
  await using application = await startDigitsApplication(
    { images, labels },
    `${fleet.agentUrl}/v2/models/digits/infer`,
  );
  const stage: Stage = {
    api,
    narrator,
    devices: fleet.devices,
    push,
    disturb: (devices, effect) => fleet.disturb(devices, effect),
    signal,
  };
  const reports: (ActReport & { seconds: number })[] = [];
  for (const act of acts) {
    const began = performance.now();
    const report = await act(stage);
    reports.push({ ...report, seconds: wholeTenths((performance.now() - began) / 1000) });
  }
  claim(application.unanswered === 0, `no request is lost while versions change, but ${application.unanswered} were`);
  const accuracy = Object.fromEntries(
    [...application.scores].map(([version, { right, asked }]) => [version, Math.round((1000 * right) / asked) / 1000]),
  );
  const { counters } = await api.status();
  return {
    ok: true,
    seconds: wholeTenths((performance.now() - started) / 1000),
    acts: reports,
    devices: fleet.devices.length,
    agentProcesses: fleet.processes,
    bytes: {
      models: (await api.models()).flatMap(({ variants }) => variants).reduce((sum, { size }) => sum + size, 0),
      telemetry: counters["messages.telemetryBytes"] ?? 0,
    },
    accuracy,
  };
}

function wholeTenths(value: number): number {
  return Math.round(10 * value) / 10;
}

/** `sedge model push`, with a key that lives as long as the demo. */
async function publisher(
  surroundings: Surroundings,
  api: ApiClient,
  narrator: Narrator,
  directory: string,
): Promise<Stage["push"]> {
  const keyFile = join(directory, "publisher.pem");
  const key = await createPublisherKey(keyFile);
  // Devices trust the publishers that are known when they enrol.
  await api.addPublisher(key.publicKey);
  const session: Session = {
    ...surroundings,
    json: false,
    connect: async () => api,
    show: () => undefined,
    tell: () => undefined,
  };
  return async (version) => {
    narrator.command(`model push test/fixtures/digits/digits-${version}.yaml`);
    await pushModel(session, fileURLToPath(new URL(`digits-${version}.yaml`, digits)), keyFile);
    const pushed = (await api.models()).find((model) => model.version === version);
    const variants = pushed?.variants.map(({ id, size }) => `${id} ${formatSize(size)}`).join(", ");
    narrator.done(`digits@${version} packaged and signed: ${variants}`);
  };
}

function ending(narrator: Narrator, figures: DemoFigures, data: string, stays: boolean): void {
  narrator.note("");
  const accuracy = Object.entries(figures.accuracy).map(
    ([version, share]) => `version ${version} ${(100 * share).toFixed(0)} %`,
  );
  narrator.note(
    `The whole story took ${figures.seconds} s. Right answers, as the application saw them: ${accuracy.join(", ")}.`,
  );
  narrator.note(`(The decisions were made without knowing the right answers.)`);
  narrator.note("");
  if (stays) {
    narrator.note("Try next, in another terminal:");
    for (const words of ["device list", "rollout list", "drift show", "events tail"])
      narrator.note(`  SEDGE_DATA=${data} npm run -s sedge -- ${words}`);
  } else narrator.note("On a terminal, `npm run demo` keeps this fleet running, for you to look at.");
  narrator.note("Your own fleet: npm run -s sedge -- serve; README.md says how to go on.");
}
