import { readFile } from "node:fs/promises";
import { isIPv4, SocketAddress } from "node:net";
import { join } from "node:path";
import { parse as parseYaml } from "yaml";
import { z } from "zod";
import { hours, minutes } from "../../proto/units.ts";
import { parseDuration } from "../../proto/duration.ts";
import { plainAddress } from "../messaging/address-limits.ts";

/** How a control plane is to run. */
export type ServerConfig = z.infer<typeof schema>;

export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `the configuration has ${problems.length === 1 ? "a mistake" : `${problems.length} mistakes`}: ${problems.join("; ")}`,
    );
    this.problems = problems;
  }
}

/** From the weakest to the strongest: the environment, the file, the flags. */
export interface ConfigSources {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** YAML. */
  readonly file?: string | undefined;
  /** By setting, such as { "http.port": "4680" }. */
  readonly flags?: Readonly<Partial<Record<Setting, string | undefined>>>;
}

/** Every setting that has a name outside of the file: its variable and its flag. */
export const settings = {
  data: { variable: "SEDGE_DATA", flag: "--data" },
  "http.host": { variable: "SEDGE_HTTP_HOST", flag: "--http-host" },
  "http.port": { variable: "SEDGE_HTTP_PORT", flag: "--http-port" },
  "mqtt.host": { variable: "SEDGE_MQTT_HOST", flag: "--mqtt-host" },
  "mqtt.port": { variable: "SEDGE_MQTT_PORT", flag: "--mqtt-port" },
  "http.devicePage": { variable: "SEDGE_DEVICE_PAGE", flag: "--device-page" },
  "mqtt.webSocketPort": { variable: "SEDGE_WEB_SOCKET_PORT", flag: "--web-socket-port" },
  "tls.certificate": { variable: "SEDGE_TLS_CERTIFICATE", flag: "--tls-certificate" },
  "tls.key": { variable: "SEDGE_TLS_KEY", flag: "--tls-key" },
  "drift.window": { variable: "SEDGE_DRIFT_WINDOW", flag: "--drift-window" },
  "telemetry.window": { variable: "SEDGE_TELEMETRY_WINDOW", flag: "--telemetry-window" },
  "telemetry.retention": { variable: "SEDGE_TELEMETRY_RETENTION", flag: "--telemetry-retention" },
  "telemetry.mebibytes": { variable: "SEDGE_TELEMETRY_MEBIBYTES", flag: "--telemetry-mebibytes" },
  "log.level": { variable: "SEDGE_LOG_LEVEL", flag: "--log-level" },
  "log.format": { variable: "SEDGE_LOG_FORMAT", flag: "--log-format" },
} as const;
export type Setting = keyof typeof settings;

/** @throws ConfigError with every mistake and where it was made */
export async function readConfig(sources: ConfigSources): Promise<ServerConfig> {
  const merged = emptyTree();
  const origins = new Map<string, string>();
  for (const [setting, { variable }] of Object.entries(settings)) {
    const value = sources.environment[variable];
    if (value) place(merged, origins, setting, value, variable);
  }
  if (sources.file !== undefined) placeTree(merged, origins, await readTree(sources.file), "", sources.file);
  for (const [setting, { flag }] of Object.entries(settings)) {
    const value = sources.flags?.[setting as Setting];
    if (value !== undefined) place(merged, origins, setting, value, flag);
  }
  const parsed = schema.safeParse(merged);
  if (parsed.success) return deepFreeze(parsed.data);
  throw new ConfigError(
    parsed.error.issues.map((issue) => {
      const path = issue.path.join(".");
      const origin = origins.get(path) ?? sources.file;
      return `${path || "the file"}: ${issue.message}${origin === undefined ? "" : ` (${origin})`}`;
    }),
  );
}

/** The database of this control plane and its other files. */
export function dataFiles(data: string) {
  return {
    database: join(data, "sedge.db"),
    reserve: join(data, "reserve"),
    artifacts: join(data, "artifacts"),
    directorKey: join(data, "director-key.pem"),
    sampleKey: join(data, "sample-key.pem"),
    operatorToken: join(data, "operator-token"),
    metricsToken: join(data, "metrics-token"),
    connection: join(data, "connection.json"),
  };
}

type Tree = { [key: string]: unknown };

/** Without a prototype: a file may name a key as it likes, `__proto__` too. */
function emptyTree(): Tree {
  return Object.create(null) as Tree;
}

async function readTree(file: string): Promise<Tree> {
  let content: unknown;
  try {
    content = parseYaml(await readFile(file, "utf8"));
  } catch (error) {
    throw new ConfigError([`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`]);
  }
  if (content === null) return {};
  if (typeof content !== "object" || Array.isArray(content)) throw new ConfigError([`${file} holds no settings`]);
  return content as Tree;
}

function placeTree(merged: Tree, origins: Map<string, string>, tree: Tree, prefix: string, origin: string): void {
  for (const [key, value] of Object.entries(tree)) {
    const path = prefix === "" ? key : `${prefix}.${key}`;
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      placeTree(merged, origins, value as Tree, path, origin);
    else place(merged, origins, path, value, origin);
  }
}

function place(merged: Tree, origins: Map<string, string>, path: string, value: unknown, origin: string): void {
  const keys = path.split(".");
  const last = keys.pop() as string;
  let tree = merged;
  for (const key of keys) {
    const inner = tree[key];
    tree = tree[key] = typeof inner === "object" && inner !== null ? (inner as Tree) : emptyTree();
  }
  tree[last] = value;
  origins.set(path, origin);
}

function port(standard: number) {
  return z
    .union([z.number(), z.string().regex(/^\d+$/).transform(Number)], "must be a port, 0 to 65535 (0 takes a free one)")
    .pipe(z.int().min(0).max(65_535, "must be a port, 0 to 65535 (0 takes a free one)"))
    .default(standard);
}

function duration(standardMs: number, leastMs: number) {
  return z
    .union([z.number(), z.string()], "must be a duration such as 30s, 5m or 14d")
    .transform((value, context) => {
      const ms = typeof value === "number" ? value : parseDuration(value);
      if (ms !== undefined) return ms;
      context.addIssue(`"${value}" is not a duration: write 30s, 10m, 2h, 1h30m or 7d`);
      return z.NEVER;
    })
    .refine((ms) => ms >= leastMs, `must be at least ${leastMs} ms`)
    .default(standardMs);
}

function host() {
  return z.string("must be an address such as 127.0.0.1").min(1, "must not be empty").default("127.0.0.1");
}

const count = (least: number, standard: number) => z.int().min(least).default(standard);

function mebibyteCount(standard: number) {
  const words = "must be a whole number of mebibytes, 1 or more";
  return z
    .union(
      [
        z.number(),
        z
          .string()
          .regex(/^\d{1,12}$/)
          .transform(Number),
      ],
      words,
    )
    .pipe(z.int(words).min(1, words))
    .default(standard);
}

/** One IPv6 address has many spellings, and a socket has one. Example: "2001:DB8:0:0::5" is "2001:db8::5". */
function asSocketsSay(address: string): string {
  return isIPv4(address) ? address : plainAddress(new SocketAddress({ address, family: "ipv6" }).address);
}

const logLevels = ["debug", "info", "warn", "error"] as const;
const logFormats = ["auto", "json", "pretty"] as const;

const schema = z
  .strictObject({
    data: z.string().min(1, "must not be empty").default(".sedge"),
    http: z
      .strictObject({
        host: host(),
        port: port(4680),
        /** At once, and of them from one address. */
        connections: count(16, 4_000),
        connectionsOfAddress: count(1, 1_000),
        /** The folder of the page with which a browser becomes a device, or "built" for what the build made; no page when left out. */
        devicePage: z.string().min(1, 'must be "built" or a folder').optional(),
      })
      .prefault({}),
    /** Addresses of reverse proxies: many clients come from them. Of each, HTTP takes X-Forwarded-For for true. */
    proxies: z.array(z.union([z.ipv4(), z.ipv6()], "must be an IP address").transform(asSocketsSay)).default([]),
    mqtt: z
      .strictObject({
        host: host(),
        /** From one address, at once; a site of devices may have only one. */
        connectionsOfAddress: count(1, 2_000),
        /** 1883, or 8883 with TLS, when it is left out. */
        port: port(0).unwrap().optional(),
        /** No MQTT over WebSocket when it is left out. */
        webSocketPort: port(0).unwrap().optional(),
        /** How devices reach it, when that is not the port on this machine: behind a proxy that speaks TLS, say. */
        webSocketUrl: z
          .url({ protocol: /^wss?$/, error: "must be an address such as wss://hub.example/mqtt" })
          .optional(),
        /** Pages that may connect, enrol and fetch files, by their origin, beside the device page that is served here. */
        webSocketOrigins: z.array(z.url("must be an origin such as https://console.example")).default([]),
      })
      .prefault({}),
    /** PEM files: the certificate with those above it, and its key. With them every port speaks TLS and nothing else. */
    tls: z
      .strictObject({
        certificate: z.string("belongs to tls.key: the file of the certificate").min(1, "must not be empty"),
        key: z.string("belongs to tls.certificate: the file of its private key").min(1, "must not be empty"),
      })
      .optional(),
    drift: z.strictObject({ window: duration(minutes(5), 100) }).prefault({}),
    telemetry: z
      .strictObject({
        /** How long a device counts before it sends. */
        window: duration(minutes(1), 100),
        retention: duration(hours(24 * 14), minutes(1)),
        /** What comes on top of it makes room: the oldest records go before their time. */
        mebibytes: mebibyteCount(4_096),
        /** Taken of one device in a day. */
        deviceMebibytes: mebibyteCount(256),
      })
      .prefault({}),
    /** How long samples are kept, and how much of them: the oldest go first. */
    samples: z
      .strictObject({ retention: duration(hours(24 * 30), minutes(1)), mebibytes: mebibyteCount(1_024) })
      .prefault({}),
    /** The lines that devices send; they are kept as long as telemetry. */
    deviceLogs: z.strictObject({ mebibytes: mebibyteCount(256) }).prefault({}),
    /** Also of closed alerts, ended requests for samples, and what devices did in rollouts that are over. */
    events: z
      .strictObject({ retention: duration(hours(24 * 400), hours(24)), mebibytes: mebibyteCount(256) })
      .prefault({}),
    ingest: z
      .strictObject({
        flushMs: count(0, 10),
        flushRecords: count(1, 500),
        /** Telemetry that may wait for the disk, in memory. */
        queuedMebibytes: count(16, 256),
      })
      .prefault({}),
    log: z
      .strictObject({
        level: z.enum(logLevels, `must be one of ${logLevels.join(", ")}`).default("info"),
        format: z.enum(logFormats, `must be one of ${logFormats.join(", ")}`).default("auto"),
      })
      .prefault({}),
  })
  .transform(({ mqtt, ...others }) => ({
    ...others,
    mqtt: { ...mqtt, port: mqtt.port ?? (others.tls === undefined ? 1_883 : 8_883) },
  }));

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFreeze(part);
  }
  return value;
}
