import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { mebibytes } from "../../proto/units.ts";
import { checkDeviceSecret } from "../application/check-device-secret.ts";
import { createDeltaService } from "../application/delta-service.ts";
import { createDesiredDelivery } from "../application/desired-delivery.ts";
import { createDeviceSettings } from "../application/device-settings.ts";
import { createDeviceRegistry } from "../application/device-registry.ts";
import { createDriftWatch } from "../application/drift-watch.ts";
import { versionsInProduction } from "../domain/production.ts";
import { createModelAliases } from "../application/model-aliases.ts";
import { createModelArchive } from "../application/model-archive.ts";
import { createModelCatalogue } from "../application/model-catalogue.ts";
import { createOperators } from "../application/operators.ts";
import type { Logger } from "../application/ports.ts";
import { createRolloutCommands } from "../application/rollout-commands.ts";
import { createRolloutController } from "../application/rollout-controller.ts";
import type { DeviceId } from "../../proto/ids.ts";
import { createSampleRequests } from "../application/sample-requests.ts";
import { createUseWatch } from "../application/use-watch.ts";
import { createSamples } from "../application/samples.ts";
import { createTelemetryIngest } from "../application/telemetry-ingest.ts";
import { createUnheardDevices } from "../application/unheard-devices.ts";
import { createApp } from "../http/app.ts";
import { isOwnOrigin } from "../http/host-check.ts";
import { listenHttp } from "../http/http-server.ts";
import type { Services } from "../http/services.ts";
import { bindDeviceMessages } from "../messaging/bind-device-messages.ts";
import { createDeltaAnswers } from "../messaging/delta-answers.ts";
import { createBlockServer } from "../messaging/block-server.ts";
import { createDeviceGateway } from "../messaging/device-gateway.ts";
import { exemptAddresses } from "../messaging/address-limits.ts";
import { artifactDeltaMaker } from "../packaging/delta/artifact-delta-maker.ts";
import { createVersionComparisons } from "../application/version-comparisons.ts";
import { createVersionMeasurements } from "../application/version-measurements.ts";
import { openFileArtifactStore } from "../storage/file-artifact-store.ts";
import { boundUrl } from "./bound-url.ts";
import { callUnheard, keepIdentity, keepReserve, watchSilence } from "./background-work.ts";
import type { ServerConfig } from "./config.ts";
import { dataFiles } from "./config.ts";
import { openConnectionFile } from "./connection-file.ts";
import { openDevicePage } from "./device-page-files.ts";
import { diskReserve, openDatabaseWithReserve } from "./disk-reserve.ts";
import { httpBinding } from "./http-binding.ts";
import { flatCounters } from "./flat-counters.ts";
import { graphReader } from "./graph-reader.ts";
import { openDirectorKey } from "./director-key.ts";
import { createLoopClocks } from "./loop-clocks.ts";
import { gatherMetrics } from "./metrics.ts";
import { openOperatorToken } from "./operator-token.ts";
import { watchProcess } from "./process-metrics.ts";
import { packageVerifier } from "./package-verifier.ts";
import { explainListenError } from "./port-taken-error.ts";
import { randomIds } from "./random-ids.ts";
import { retentionOf } from "./retention-rules.ts";
import { openSampleKey } from "./sample-key.ts";
import { identityFor } from "./server-identity.ts";
import { secretHasher } from "./secret-hasher.ts";
import { createShutdownSteps } from "./shutdown-steps.ts";
import { startBroker } from "./start-broker.ts";
import { systemClock } from "./system-clock.ts";
import { timedTransactions } from "./timed-transactions.ts";

/** A running control plane; ending it takes in what is on its way, then closes part by part. */
export interface ControlPlane extends AsyncDisposable {
  readonly addresses: {
    readonly http: string;
    readonly mqttTcp: string;
    readonly mqttWebSocket?: string;
    readonly devicePage?: string;
  };
  readonly services: Services;
  /** Absolute. */
  readonly dataDirectory: string;
  /** Of the operator. */
  readonly operatorTokenFile: string;
}

/**
 * Puts the parts together: what is stored first, then the broker and the use cases in one breath, so that no message of a device finds
 * nobody, the loops, and the HTTP interface last, when everything behind it is there. What has been started is ended when a later
 * part cannot be started.
 *
 * @throws the errors of openServerIdentity, openDatabase, openDirectorKey, openSampleKey and openOperatorToken; PortTakenError, AddressNotAvailableError
 */
export async function startControlPlane(config: ServerConfig, log: Logger, version: string): Promise<ControlPlane> {
  const steps = createShutdownSteps(log);
  try {
    return await start(config, log, version, steps);
  } catch (error) {
    await steps.run();
    throw error;
  }
}

async function start(
  config: ServerConfig,
  log: Logger,
  version: string,
  steps: ReturnType<typeof createShutdownSteps>,
): Promise<ControlPlane> {
  const clock = systemClock;
  const identity = await identityFor(config, clock, log);
  const dataDirectory = resolve(config.data);
  const files = dataFiles(dataDirectory);
  await mkdir(dataDirectory, { recursive: true, mode: 0o700 });
  const reserve = diskReserve(files.reserve, log);
  const database = await openDatabaseWithReserve(files.database, reserve);
  steps.add("database", () => database[Symbol.asyncDispose]());
  const artifacts = await openFileArtifactStore(files.artifacts);
  const director = await openDirectorKey(files.directorKey, (await database.devices.list()).length > 0);
  const sampleKey = await openSampleKey(files.sampleKey);
  const operator = await openOperatorToken(files.operatorToken);
  const metricsReader = await openOperatorToken(files.metricsToken);

  const devicePage = config.http.devicePage === undefined ? undefined : await openDevicePage(config.http.devicePage);
  const addresses: Writable<ControlPlane["addresses"]> = { http: "", mqttTcp: "" };

  const { webSocketUrl, webSocketOrigins } = config.mqtt;
  const isExempt = exemptAddresses(config.proxies);
  const broker = await startBroker(config, {
    identity,
    isExempt,
    isOwnOrigin: (origin, asked) => devicePage !== undefined && isOwnOrigin(addresses.http, origin, asked),
    authenticate: (device, secret) => checkDeviceSecret(database, secretHasher, device, secret),
    log,
    now: () => clock.now(),
  });
  steps.add("broker", () => broker.close());

  const gateway = createDeviceGateway(broker);
  const delivery = createDesiredDelivery({
    database,
    gateway,
    signer: director,
    clock,
    log,
    telemetry: { windowMs: config.telemetry.window },
    sampleKey: sampleKey.publicKey,
  });
  const loopClocks = createLoopClocks(clock, () => performance.now());
  const rollouts = createRolloutController({
    database,
    deliver: (device) => void delivery.deliver(device),
    clock: loopClocks.of("rollouts"),
    log,
  });
  const wake = () => rollouts.wake();
  const registry = createDeviceRegistry({
    database,
    gateway,
    delivery,
    hasher: secretHasher,
    clock,
    ids: randomIds,
    changed: wake,
  });
  const timed = timedTransactions(database);
  const { queuedMebibytes, ...flushing } = config.ingest;
  const deviceBytesPerDay = mebibytes(config.telemetry.deviceMebibytes);
  const ingestLimits = { ...flushing, queuedBytes: mebibytes(queuedMebibytes), deviceBytesPerDay };
  const ingest = createTelemetryIngest({ database: timed.database, gateway, clock, log, limits: ingestLimits });
  steps.add("ingest", () => ingest[Symbol.asyncDispose]());
  ingest.onCommitted(wake);
  const deliver = (device: DeviceId) => void delivery.deliver(device);
  const sampleRequests = createSampleRequests({ database, clock, ids: randomIds, deliver });
  const blocks = createBlockServer({ artifacts, gateway, log });
  const deltas = createDeltaService({ database, artifacts, maker: artifactDeltaMaker({ artifacts }), clock, log });
  const unheard = createUnheardDevices({ database, gateway, clock });
  const messages = bindDeviceMessages({
    broker,
    registry,
    ingest,
    unheard,
    blocks,
    deltas: createDeltaAnswers({ deltas, gateway }),
    log,
    now: () => clock.now(),
  });
  steps.add("device messages", () => messages[Symbol.dispose]());

  const watching = { database, ids: randomIds, log, windowMs: config.drift.window };
  const drift = createDriftWatch({ ...watching, clock: loopClocks.of("drift") });
  const uses = createUseWatch({ ...watching, clock: loopClocks.of("uses") });
  ingest.onCommitted((committed) => {
    uses.heard(committed.uses);
    void sampleRequests.tellEnded(committed.endedRequests);
  });
  const processMetrics = watchProcess();
  steps.add("process metrics", () => processMetrics[Symbol.dispose]());
  const binding = httpBinding(config.http, isExempt, log, clock);
  const measured = { process: processMetrics, commits: timed.durations, ticks: loopClocks.ticks };
  const ending = new AbortController();
  const loops = [
    deltas.run(ending.signal),
    rollouts.run(ending.signal),
    drift.run(ending.signal),
    uses.run(ending.signal),
    keepReserve(reserve, clock, log, ending.signal),
    watchSilence(registry, loopClocks.of("silence"), log, ending.signal),
    callUnheard(unheard, clock, log, ending.signal),
    ...(identity === undefined ? [] : [keepIdentity(identity, clock, log, ending.signal)]),
    retentionOf(database, config, loopClocks.of("retention"), log).run(ending.signal),
  ];
  steps.add("loops", async () => {
    ending.abort();
    await Promise.all(loops);
  });

  addresses.mqttTcp = boundUrl(identity === undefined ? "mqtt" : "mqtts", broker.address);
  const webSocket =
    webSocketUrl ??
    (broker.webSocketAddress && boundUrl(identity === undefined ? "ws" : "wss", broker.webSocketAddress));
  if (webSocket !== undefined) addresses.mqttWebSocket = webSocket;
  const models = createModelCatalogue({ database, artifacts, verifier: packageVerifier, clock });
  const measureVersion = createVersionMeasurements(database);
  const services: Services = {
    access: {
      isDeviceSecret: (device, secret) => checkDeviceSecret(database, secretHasher, device, secret),
    },
    enrolment: registry,
    devices: registry,
    health: database.health,
    logs: database.logs,
    telemetry: { accounts: (device) => database.telemetry.accounts(device) },
    operators: createOperators({
      database,
      hasher: secretHasher,
      clock,
      isFirst: (token) => operator.matches(token),
    }),
    publishers: { list: () => models.publishers(), add: (publicKey, by) => models.addPublisher(publicKey, by) },
    models,
    aliases: createModelAliases(database, clock),
    archive: createModelArchive(database, clock),
    measureVersion,
    compareVersions: createVersionComparisons({ database, measureVersion, readGraph: graphReader(artifacts) }),
    production: {
      versions: async (model) => versionsInProduction(await database.production.of(model), clock.now()),
      stretches: (model) => database.production.of(model),
    },
    artifacts,
    deltas,
    rollouts: createRolloutCommands({ database, clock, ids: randomIds, wake }),
    drift,
    samples: createSamples({ database, opener: sampleKey, hasher: secretHasher, clock, deliver }),
    sampleRequests,
    settings: createDeviceSettings({ database, clock, ids: randomIds, wake }),
    events: { ...database.events, onAdded: (listener) => database.onEventsAdded(listener) },
    about: {
      version,
      startedAtMs: clock.now(),
      director: { keyId: director.keyId, publicKey: director.publicKey },
      addresses: () => addresses,
      ownAuthority: () => identity?.ownAuthority(),
      certifiedNames: () => identity?.names(),
      isStorageFull: () => database.isFull(),
      counters: () =>
        flatCounters({
          ingest: { ...ingest.counters(), databaseMs: timed.milliseconds() },
          messages: messages.counters(),
          broker: broker.counters(),
        }),
    },
    metrics: {
      isReader: (token) => metricsReader.matches(token),
      families: () => gatherMetrics({ version, database, files, http: binding, broker, messages, ingest, ...measured }),
    },
    devicePage,
    pageOrigins: webSocketOrigins,
    proxies: config.proxies,
    clock,
    log,
  };
  const http = await listenHttp(createApp(services), binding, identity).catch((error: unknown) => {
    throw explainListenError(error, config.http.host, config.http.port, "--http-port");
  });
  steps.add("HTTP server", () => http[Symbol.asyncDispose]());
  addresses.http = http.url;
  if (devicePage !== undefined) addresses.devicePage = `${http.url}/device/`;

  const own = { url: http.url, token: files.operatorToken };
  const connectionFile = await openConnectionFile(files.connection, own, identity, log);
  steps.add("connection file", () => connectionFile[Symbol.asyncDispose]());
  return {
    addresses,
    services,
    dataDirectory,
    operatorTokenFile: files.operatorToken,
    [Symbol.asyncDispose]: () => steps.run(),
  };
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };
