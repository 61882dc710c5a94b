import type { FleetEvent } from "../application/ports.ts";
import type { PublisherKey } from "../application/stores.ts";
import type { DriftAlertRecord } from "../application/telemetry-stores.ts";
import type { Device } from "../domain/device.ts";
import type { ProductionStretch, VersionInProduction } from "../domain/production.ts";
import type { AliasMove, ModelAlias } from "../domain/model-alias.ts";
import type { VersionComparison } from "../domain/version-comparison/compare-versions.ts";
import type { Operator } from "../domain/operator.ts";
import type { Rollout, RolloutCommand } from "../domain/rollout/rollout.ts";
import type { VersionMeasurements } from "../application/version-measurements.ts";
import type {
  SettingsBegun,
  SettingsChange,
  SettingsHistory,
  SettingsRemoval,
} from "../application/device-settings.ts";
import type { DriftRow } from "../application/drift-watch.ts";
import type { RolloutRequest } from "../http/services.ts";
import type {
  AlertPage,
  DeviceDetail,
  DeviceLine,
  DevicePage,
  HealthView,
  ModelDetail,
  ModelSummary,
  OpenedSampleView,
  RolloutDetail,
  RolloutPage,
  SampleView,
  SamplingView,
  StatusReport,
} from "../http/views.ts";
import type { SettingsVersion } from "../domain/settings-version.ts";
import type { SamplesAsked } from "../application/sample-requests.ts";
import type { AskedSamples, SampleRequestProgress } from "../domain/sample-request.ts";
import type { SamplingSettings } from "../domain/sampling-settings.ts";
import type { Digest } from "../../proto/ids.ts";
import type { LogLevel, TakenReason } from "../../proto/telemetry-messages.ts";
import type { StoredLogLine } from "../application/telemetry-stores.ts";
import type { Connection } from "./connection.ts";
import { StrangeAnswerError } from "./api-errors.ts";
import { createApiRequests, queryOf } from "./api-requests.ts";

/** The control plane's HTTP interface as functions. Each rejects with one of api-errors.ts, or with the signal's reason. */
export interface ApiClient {
  readonly server: string;
  status(): Promise<StatusReport>;
  /** All of them, page by page. */
  devices(selector?: string): Promise<readonly DeviceLine[]>;
  devicePage(asked: {
    readonly selector?: string;
    readonly after?: string;
    readonly limit?: number;
  }): Promise<DevicePage>;
  device(id: string): Promise<DeviceDetail>;
  /** The newest windows first. */
  deviceHealth(id: string, limit: number): Promise<HealthView>;
  /** The newest, or those after an id; the oldest of them first. */
  deviceLogs(
    id: string,
    query: { readonly level: LogLevel; readonly limit: number; readonly after?: number },
  ): Promise<readonly StoredLogLine[]>;
  changeLabels(id: string, labels: Readonly<Record<string, string | null>>): Promise<Device>;
  revokeDevice(id: string): Promise<void>;
  createEnrolmentToken(request: {
    readonly labels: Readonly<Record<string, string>>;
    readonly expiresInMs?: number;
  }): Promise<{
    readonly token: string;
    readonly expiresAtMs: number;
    readonly serverAuthority?: string;
    /** What the server's certificate is for, with TLS. */
    readonly serverNames?: readonly string[];
  }>;
  publishers(): Promise<readonly PublisherKey[]>;
  addPublisher(publicKey: string): Promise<PublisherKey>;
  operators(): Promise<readonly Operator[]>;
  addOperator(name: string): Promise<Operator & { readonly token: string }>;
  removeOperator(name: string): Promise<void>;
  /** Without `archived`, those that are in use. */
  models(archived?: "all"): Promise<readonly ModelSummary[]>;
  model(model: string, version: string): Promise<ModelDetail>;
  measurements(model: string, version: string): Promise<VersionMeasurements>;
  compareVersions(model: string, a: string, b: string): Promise<VersionComparison>;
  archiveModel(model: string, version: string, verb: "archive" | "restore", comment?: string): Promise<ModelSummary>;
  artifact(digest: Digest): Promise<AsyncIterable<Uint8Array>>;
  production(
    model: string,
  ): Promise<{ readonly versions: readonly VersionInProduction[]; readonly stretches: readonly ProductionStretch[] }>;
  aliases(): Promise<readonly ModelAlias[]>;
  aliasMoves(model: string): Promise<readonly AliasMove[]>;
  moveAlias(
    model: string,
    alias: string,
    to: { readonly version: string; readonly expect?: string | null; readonly comment?: string },
  ): Promise<void>;
  removeAlias(model: string, alias: string): Promise<void>;
  hasArtifact(digest: Digest): Promise<boolean>;
  putArtifact(digest: Digest, bytes: Uint8Array): Promise<void>;
  pushModel(bundle: Uint8Array): Promise<ModelSummary>;
  startRollout(request: RolloutRequest): Promise<Rollout>;
  /** All, the oldest first. */
  rollouts(): Promise<readonly Rollout[]>;
  /** The newest first. */
  rolloutPage(asked: { readonly after?: string; readonly limit?: number }): Promise<RolloutPage>;
  rollout(id: string): Promise<RolloutDetail>;
  commandRollout(id: string, command: RolloutCommand): Promise<Rollout>;
  drift(): Promise<readonly DriftRow[]>;
  /** The newest first, page after page. */
  driftAlerts(state?: "open" | "closed" | "all"): Promise<readonly DriftAlertRecord[]>;
  /** Undefined while nothing of the model is sampled; requests are those that have not ended. */
  sampling(
    model: string,
  ): Promise<{ readonly sampling: SamplingView | undefined; readonly requests: readonly SampleRequestProgress[] }>;
  requestSamples(model: string, asked: AskedSamples): Promise<SamplesAsked>;
  sampleRequests(query: {
    readonly model?: string | undefined;
    readonly all: boolean;
  }): Promise<readonly SampleRequestProgress[]>;
  cancelSampleRequest(id: string): Promise<SampleRequestProgress>;
  /** Undefined: nothing any more. */
  setSampling(model: string, settings: SamplingSettings | undefined): Promise<void>;
  /** Newest first. */
  samples(filter: SampleFilter & { readonly beforeId?: number }, limit: number): Promise<readonly SampleView[]>;
  openSamples(
    query: SampleFilter & { readonly model: string; readonly beforeId?: number; readonly limit: number },
  ): Promise<readonly OpenedSampleView[]>;
  settings(): Promise<readonly SettingsVersion[]>;
  settingsHistory(name: string): Promise<SettingsHistory>;
  changeSettings(name: string, change: SettingsChange): Promise<SettingsBegun>;
  removeSettings(name: string, removal: SettingsRemoval): Promise<SettingsBegun>;
  events(query: { readonly after?: number; readonly limit: number }): Promise<readonly FleetEvent[]>;
  /** Events after `seq` as they happen, until the server or the signal ends it. */
  followEvents(seq: number): AsyncIterable<FleetEvent>;
}

export interface SampleFilter {
  readonly model?: string;
  readonly device?: string;
  readonly reason?: TakenReason;
  readonly request?: string;
  readonly sinceMs?: number;
}

/**
 * Once nobody answered, `findAgain` is asked before the next request: a control plane that was started again may be at another port.
 * Without it, the address stays what it was.
 */
export function createApiClient(
  connection: Connection,
  signal: AbortSignal,
  findAgain: () => Promise<Connection> = () => Promise.resolve(connection),
): ApiClient {
  const { server, request, json, list, stream } = createApiRequests(connection, signal, findAgain);
  const rolloutPage: ApiClient["rolloutPage"] = (asked) => json("GET", `rollouts${queryOf(asked)}`);
  const devicePage: ApiClient["devicePage"] = (asked) => json("GET", `devices${queryOf(asked)}`);

  return {
    get server() {
      return server();
    },
    status: () => json("GET", "status"),
    async devices(selector) {
      const devices: DeviceLine[] = [];
      let after: string | undefined = "";
      while (after !== undefined) {
        const page: DevicePage = await devicePage({ after, ...(selector !== undefined && { selector }) });
        devices.push(...page.devices);
        after = page.next;
      }
      return devices;
    },
    devicePage,
    device: (id) => json("GET", `devices/${encodeURIComponent(id)}`),
    deviceLogs: (id, { level, limit, after }) => {
      const query = `level=${level}&limit=${limit}${after === undefined ? "" : `&after=${after}`}`;
      return list("lines", `devices/${encodeURIComponent(id)}/logs?${query}`);
    },
    deviceHealth: (id, limit) => json("GET", `devices/${encodeURIComponent(id)}/health?limit=${limit}`),
    changeLabels: (id, labels) => json("PATCH", `devices/${encodeURIComponent(id)}`, { labels }),
    revokeDevice: (id) => json("POST", `devices/${encodeURIComponent(id)}/revoke`),
    createEnrolmentToken: (body) => json("POST", "enrolment-tokens", body),
    publishers: () => list("publishers", "publishers"),
    addPublisher: (publicKey) => json("POST", "publishers", { publicKey }),
    operators: () => list("operators", "operators"),
    addOperator: (name) => json("POST", "operators", { name }),
    removeOperator: (name) => json("DELETE", `operators/${encodeURIComponent(name)}`),
    models: (archived) => list("models", archived === undefined ? "models" : `models?archived=${archived}`),
    model: (model, version) =>
      json("GET", `models/${encodeURIComponent(model)}/versions/${encodeURIComponent(version)}`),
    measurements: (model, version) =>
      json("GET", `models/${encodeURIComponent(model)}/versions/${encodeURIComponent(version)}/measurements`),
    compareVersions: (model, a, b) =>
      json("GET", `models/${encodeURIComponent(model)}/compare?a=${encodeURIComponent(a)}&b=${encodeURIComponent(b)}`),
    archiveModel: (model, version, verb, comment) =>
      json(
        "POST",
        `models/${encodeURIComponent(model)}/versions/${encodeURIComponent(version)}/${verb}`,
        comment === undefined ? {} : { comment },
      ),
    artifact: async (digest) => {
      const { body } = await request("GET", `artifacts/${digest}`);
      if (body === null) throw new StrangeAnswerError(server());
      return body as AsyncIterable<Uint8Array>;
    },
    production: (model) => json("GET", `models/${encodeURIComponent(model)}/production`),
    aliases: () => list("aliases", "models/aliases"),
    aliasMoves: (model) => list("moves", `models/${encodeURIComponent(model)}/aliases`),
    moveAlias: (model, alias, to) =>
      json("PUT", `models/${encodeURIComponent(model)}/aliases/${encodeURIComponent(alias)}`, to),
    removeAlias: (model, alias) =>
      json("DELETE", `models/${encodeURIComponent(model)}/aliases/${encodeURIComponent(alias)}`),
    hasArtifact: async (digest) => (await request("HEAD", `artifacts/${digest}`)).ok,
    putArtifact: async (digest, bytes) => {
      await request("PUT", `artifacts/${digest}`, { type: "application/octet-stream", content: ownBuffer(bytes) });
    },
    pushModel: async (bundle) => {
      const body = { type: "application/json", content: ownBuffer(bundle) };
      return (await (await request("POST", "models", body)).json()) as ModelSummary;
    },
    startRollout: (body) => json("POST", "rollouts", body),
    async rollouts() {
      const rollouts: Rollout[] = [];
      let next: string | undefined;
      do {
        const page: RolloutPage = await rolloutPage(next === undefined ? {} : { after: next });
        rollouts.push(...page.rollouts);
        next = page.next;
      } while (next !== undefined);
      return rollouts.reverse();
    },
    rolloutPage,
    rollout: (id) => json("GET", `rollouts/${encodeURIComponent(id)}`),
    commandRollout: (id, { kind, ...rest }) => json("POST", `rollouts/${encodeURIComponent(id)}/${kind}`, rest),
    drift: () => list("rows", "drift"),
    driftAlerts: async (state) => {
      const alerts: DriftAlertRecord[] = [];
      let before: string | undefined;
      do {
        const page: AlertPage = await json("GET", `drift/alerts${queryOf({ state, before })}`);
        alerts.push(...page.alerts);
        before = page.next;
      } while (before !== undefined);
      return alerts;
    },
    sampling: async (model) => {
      const path = `models/${encodeURIComponent(model)}/sampling`;
      const { sampling, requests } = await json<{
        readonly sampling: SamplingView | null;
        readonly requests: readonly SampleRequestProgress[];
      }>("GET", path);
      return { sampling: sampling ?? undefined, requests };
    },
    requestSamples: (model, asked) => json("POST", `models/${encodeURIComponent(model)}/sampling/requests`, asked),
    sampleRequests: ({ model, all }) =>
      list(
        "requests",
        `samples/requests?all=${all}${model === undefined ? "" : `&model=${encodeURIComponent(model)}`}`,
      ),
    cancelSampleRequest: (id) => json("POST", `samples/requests/${encodeURIComponent(id)}/cancel`),
    setSampling: (model, settings) =>
      json(settings === undefined ? "DELETE" : "PUT", `models/${encodeURIComponent(model)}/sampling`, settings),
    samples: ({ sinceMs, beforeId, ...filter }, limit) =>
      list("samples", `samples${queryOf({ ...filter, since: sinceMs, before: beforeId, limit })}`),
    openSamples: async (query) =>
      (await json<{ readonly samples: readonly OpenedSampleView[] }>("POST", "samples/open", query)).samples,
    settings: () => list("settings", "settings"),
    settingsHistory: (name) => json("GET", `settings/${encodeURIComponent(name)}`),
    changeSettings: (name, change) => json("POST", `settings/${encodeURIComponent(name)}/versions`, change),
    removeSettings: (name, removal) => json("POST", `settings/${encodeURIComponent(name)}/remove`, removal),
    events: ({ after, limit }) =>
      list("events", `events?limit=${limit}${after === undefined ? "" : `&after=${after}`}`),
    async *followEvents(seq) {
      for await (const data of stream(`events/stream?after=${seq}`)) yield JSON.parse(data) as FleetEvent;
    },
  };
}

/** `fetch` takes views of ordinary buffers only; what was read from files has one already. */
function ownBuffer(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes);
}
