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
import type { DemoFleet } from "./demo-fleet.ts";
import { startDemoFleet } from "./demo-fleet.ts";
import type { DigitsApplication } from "./digits-application.ts";
import { runDigitsApplication } from "./digits-application.ts";
import type { Narrator } from "./narrator.ts";
import { createNarrator } from "./narrator.ts";
import type { ActReport, Stage } from "./story.ts";
import { acts } from "./story.ts";

/** The real input: handwritten digits, and networks trained on others of them. */
const digits = new URL("../../../test/fixtures/digits/", import.meta.url);
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
  readonly unansweredRequests: number;
}

/**
 * Plays the whole job: control plane, fleet, four acts. Everything lives in one temporary directory, on loopback and free ports, and
 * is gone when this settles. Rejects with a ClaimFailedError where the story does not hold.
 */
export async function runDemo(surroundings: Surroundings, stay: boolean): Promise<DemoFigures> {
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
    narrator.note(`Control plane ${http}   MQTT ${mqttTcp}   data ${directory} (deleted at the end)`);
    const api = createApiClient(await findConnection({ data: controlPlane.dataDirectory }, {}), signal);
    const push = await publisher(surroundings, api, narrator, directory);
    await using fleet = await startDemoFleet(api, directory, images, signal);
    narrator.note(
      `${fleet.devices.length} devices at three sites: ${fleet.processes} \`sedge-agent\` processes, the others in the simulator`,
    );
    const figures = await play({ api, narrator, fleet, push, signal }, started);
    ending(narrator, figures, controlPlane.dataDirectory);
    if (stay && !signal.aborted) {
      narrator.note("The fleet goes on until you press Ctrl-C.");
      await once(signal, "abort");
    }
    return figures;
  } finally {
    log.end();
    await rm(directory, { recursive: true, force: true });
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
  const curtain = new AbortController();
  let application: DigitsApplication | undefined;
  let applicationEnd: Promise<void> = Promise.resolve();
  const stage: Stage = {
    api,
    narrator,
    devices: fleet.devices,
    push,
    disturb: (devices, effect) => fleet.disturb(devices, effect),
    signal,
  };
  const reports: (ActReport & { seconds: number })[] = [];
  try {
    for (const act of acts) {
      const began = performance.now();
      const report = await act(stage);
      reports.push({ ...report, seconds: Math.round((performance.now() - began) / 100) / 10 });
      // The application starts when there is a model to ask.
      if (application === undefined)
        applicationEnd = runDigitsApplication(
          { images, labels },
          fleet.agentUrl,
          "digits",
          (running) => (application = running),
          AbortSignal.any([signal, curtain.signal]),
        );
      await Promise.resolve();
    }
  } finally {
    curtain.abort();
    await applicationEnd.catch(() => undefined);
  }
  const models = await api.models();
  const { counters } = await api.status();
  const scores = [...((application as DigitsApplication | undefined)?.scores ?? [])];
  return {
    ok: true,
    seconds: Math.round((performance.now() - started) / 100) / 10,
    acts: reports,
    devices: fleet.devices.length,
    agentProcesses: fleet.processes,
    bytes: {
      models: models.flatMap(({ variants }) => variants).reduce((sum, { size }) => sum + size, 0),
      telemetry: counters["ingest.bytes"] ?? 0,
    },
    accuracy: Object.fromEntries(
      scores.map(([version, { right, asked }]) => [version, Math.round((1000 * right) / asked) / 1000]),
    ),
    unansweredRequests: (application as DigitsApplication | undefined)?.failed() ?? 0,
  };
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

function ending(narrator: Narrator, figures: DemoFigures, data: string): void {
  narrator.note("");
  const accuracy = Object.entries(figures.accuracy).map(
    ([version, share]) => `version ${version} ${(100 * share).toFixed(0)} %`,
  );
  narrator.note(
    `The whole story took ${figures.seconds} s. Right answers, as the application saw them: ${accuracy.join(", ")}.`,
  );
  narrator.note(`(The decisions were made without knowing the right answers.)`);
  narrator.note("");
  narrator.note("Try next, while it runs:");
  for (const words of ["device list", "rollout list", "drift show", "events tail"])
    narrator.note(`  SEDGE_DATA=${data} npm run -s sedge -- ${words}`);
  narrator.note("Or your own: npm run -s sedge -- serve, and read README.md.");
}
