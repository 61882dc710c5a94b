import { JsonReader } from "../../proto/json-reader.ts";
import { Problems } from "../../proto/problems.ts";
import { mebibytes, minutes, seconds } from "../../proto/units.ts";
import type { EngineChoice } from "../adapters/node/inference-engine.ts";
import { engineChoices } from "../adapters/node/inference-engine.ts";
import type { Pins } from "../core/effective-settings.ts";
import { defaultQueueCapacity } from "../core/model-workers.ts";
import type { ConfigFlags } from "./config-sources.ts";
import { ConfigError, givenSettings, isSection } from "./config-sources.ts";
import type { InputConfig } from "./input-config.ts";
import { readInput, settingsOfInput } from "./input-config.ts";
import { pinnedSettings } from "./pinned-settings.ts";
import { atLeast, between, or, path } from "./setting-readers.ts";

/** Read with the contract's own reader: a schema library would take a few MiB for as long as the daemon runs. */
export interface AgentConfig {
  readonly data: string;
  readonly http: {
    readonly host: string;
    /** Undefined: no port, because there is a socket. */
    readonly port: number | undefined;
    /** The path of a socket file; on a port too only where one is given. */
    readonly socket: string | undefined;
    readonly maxConnections: number;
    /** Bytes of one request; all that are held at the same time may have four times as many. */
    readonly maxBodyBytes: number;
  };
  /** What stands here of the settings that the centre may change: it has the last word. */
  readonly pins: Pins;
  readonly runtime: {
    /** Which build of onnxruntime runs models: `auto` tries machine code first. */
    readonly engine: EngineChoice;
    /** Bytes that the process of one model may take. */
    readonly maxMemory: number | undefined;
    /** Bytes that the processes of all models may take together; undefined: by the machine's memory. */
    readonly memoryBudget: number | undefined;
    /** How many requests of one model may wait; the next is turned away. */
    readonly queue: number;
  };
  readonly inputs: readonly InputConfig[];
  readonly disk: {
    /** What models never take: room for the agent's state and telemetry, and for whatever else lives on the disk. */
    readonly keepFreeBytes: number;
    /** What the files of all models together may take; undefined: what the disk has. */
    readonly modelBytes: number | undefined;
  };
  /** The directory of packages that came with the device's image; it need not be there. */
  readonly factory: string;
  readonly telemetry: {
    /** Bytes of telemetry that are kept while there is no connection. */
    readonly quotaBytes: number;
  };
  readonly retry: { readonly baseMs: number; readonly capMs: number };
}

const loopbackHosts = ["127.0.0.1", "::1", "localhost"] as const;

/** The settings that there are, by the section that holds them; "" is the top. */
const settings = {
  "": [
    "data",
    "http",
    "log",
    "logs",
    "detectors",
    "energy",
    "runtime",
    "inputs",
    "telemetry",
    "download",
    "disk",
    "factory",
    "maintenance",
    "retry",
  ],
  http: ["host", "port", "socket", "maxConnections", "maxBodyBytes"],
  log: ["level"],
  runtime: ["engine", "maxMemory", "memoryBudget", "queue"],
  logs: ["send"],
  detectors: ["farOutside", "stuckAfter"],
  energy: ["saveBelowCharge", "saveFromCelsius"],
  telemetry: ["quotaBytes", "window"],
  download: ["bytesPerSecond"],
  disk: ["keepFreeBytes", "modelBytes"],
  maintenance: ["window", "downloads"],
  retry: ["baseMs", "capMs"],
} as const;

/** Rejects with ConfigError, which names every mistake. */
export async function readConfig(
  flags: ConfigFlags,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<AgentConfig> {
  const { source, content, overridden } = await givenSettings(flags, environment);
  return parseConfig(source, content, overridden);
}

/** Throws ConfigError. `overridden` are the settings, such as `log.level`, that come from the environment. */
export function parseConfig(
  source: string,
  content: Readonly<Record<string, unknown>>,
  overridden: ReadonlySet<string> = new Set(),
): AgentConfig {
  const problems = new Problems();
  const root = new JsonReader(content, "", problems);
  const inSection = (section: Exclude<keyof typeof settings, "">, name: string): JsonReader => {
    const reader = root.field(section);
    return reader.absent ? new JsonReader(undefined, `${section}.${name}`, problems) : reader.field(name);
  };
  const pins = pinnedSettings(root, overridden);
  const config: AgentConfig = {
    data: or(root.field("data"), path, "/var/lib/sedge-agent"),
    http: {
      host: or(inSection("http", "host"), (host) => host.oneOf(loopbackHosts), "127.0.0.1"),
      port: or(
        inSection("http", "port"),
        (port) => port.count(65_535),
        inSection("http", "socket").absent ? 4_690 : undefined,
      ),
      socket: or(inSection("http", "socket"), path, undefined),
      maxConnections: or(inSection("http", "maxConnections"), between(1, 10_000), 128),
      maxBodyBytes: or(inSection("http", "maxBodyBytes"), between(1_024, mebibytes(64)), mebibytes(16)),
    },
    pins,
    runtime: {
      engine: or(inSection("runtime", "engine"), (engine) => engine.oneOf(engineChoices), "auto"),
      maxMemory: or(inSection("runtime", "maxMemory"), atLeast(mebibytes(64)), undefined),
      memoryBudget: or(inSection("runtime", "memoryBudget"), atLeast(mebibytes(96)), undefined),
      queue: or(inSection("runtime", "queue"), between(1, 10_000), defaultQueueCapacity),
    },
    inputs: or(root.field("inputs"), (inputs) => inputs.list(64).map(readInput), []),
    disk: {
      keepFreeBytes: or(inSection("disk", "keepFreeBytes"), atLeast(mebibytes(1)), mebibytes(16)),
      modelBytes: or(inSection("disk", "modelBytes"), atLeast(mebibytes(1)), undefined),
    },
    factory: or(root.field("factory"), path, "/usr/share/sedge-agent/factory"),
    telemetry: { quotaBytes: or(inSection("telemetry", "quotaBytes"), atLeast(mebibytes(1)), mebibytes(32)) },
    retry: {
      baseMs: or(inSection("retry", "baseMs"), atLeast(10), seconds(1)),
      capMs: or(inSection("retry", "capMs"), atLeast(10), minutes(5)),
    },
  };
  noteUnknown(content, problems);
  if (problems.any) throw new ConfigError(source, [...new Set(problems.list)]);
  return frozen(config);
}

/** A setting with a slip in its name would otherwise be left at its default without a word. */
function noteUnknown(content: Readonly<Record<string, unknown>>, problems: Problems): void {
  const note = (place: string, value: unknown, known: readonly string[]) => {
    if (!isSection(value)) return;
    for (const name of Object.keys(value))
      if (!known.includes(name)) problems.add(place === "" ? name : `${place}.${name}`, "there is no such setting");
  };
  for (const [section, known] of Object.entries(settings))
    note(section, section === "" ? content : content[section], known);
  if (!Array.isArray(content["inputs"])) return;
  for (const [i, one] of (content["inputs"] as unknown[]).entries()) {
    const kind = isSection(one) ? one["kind"] : undefined;
    if (kind === "directory" || kind === "mqtt" || kind === "generator")
      note(`inputs[${i}]`, one, settingsOfInput[kind]);
  }
}

function frozen<T extends object>(value: T): T {
  for (const inner of Object.values(value)) if (typeof inner === "object" && inner !== null) frozen(inner as object);
  return Object.freeze(value);
}
