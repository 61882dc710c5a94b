import { readFile } from "node:fs/promises";
import { parse as parseYaml } from "yaml";

/** Names every mistake, each as `path: mistake`. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly mistakes: readonly string[];

  constructor(source: string, mistakes: readonly string[]) {
    super(`${source} cannot be used:\n${mistakes.map((mistake) => `  ${mistake}`).join("\n")}`);
    this.mistakes = mistakes;
  }
}

/** What stands on the command line. */
export interface ConfigFlags {
  readonly data?: string | undefined;
  readonly config?: string | undefined;
}

/** Each variable of the environment and the place in the configuration that it overrides. */
const environmentPlaces = {
  SEDGE_AGENT_DATA: { place: ["data"], isNumber: false },
  SEDGE_AGENT_HTTP_HOST: { place: ["http", "host"], isNumber: false },
  SEDGE_AGENT_HTTP_PORT: { place: ["http", "port"], isNumber: true },
  SEDGE_AGENT_HTTP_SOCKET: { place: ["http", "socket"], isNumber: false },
  SEDGE_AGENT_LOG_LEVEL: { place: ["log", "level"], isNumber: false },
  SEDGE_AGENT_RUNTIME_ENGINE: { place: ["runtime", "engine"], isNumber: false },
  SEDGE_AGENT_RUNTIME_MAX_MEMORY: { place: ["runtime", "maxMemory"], isNumber: true },
  SEDGE_AGENT_LOGS_SEND: { place: ["logs", "send"], isNumber: false },
  SEDGE_AGENT_TELEMETRY_WINDOW: { place: ["telemetry", "window"], isNumber: false },
  SEDGE_AGENT_DOWNLOAD_BYTES_PER_SECOND: { place: ["download", "bytesPerSecond"], isNumber: false },
  SEDGE_AGENT_MAINTENANCE_WINDOW: { place: ["maintenance", "window"], isNumber: false },
  SEDGE_AGENT_MAINTENANCE_DOWNLOADS: { place: ["maintenance", "downloads"], isNumber: false },
  SEDGE_AGENT_RUNTIME_MEMORY_BUDGET: { place: ["runtime", "memoryBudget"], isNumber: true },
  SEDGE_AGENT_FACTORY: { place: ["factory"], isNumber: false },
  SEDGE_AGENT_TELEMETRY_QUOTA_BYTES: { place: ["telemetry", "quotaBytes"], isNumber: true },
} as const;

/** Settings as they stand there, before anything of them is read. */
export interface GivenSettings {
  /** For a person: where a mistake is to be looked for. */
  readonly source: string;
  readonly content: Readonly<Record<string, unknown>>;
  /** Those, such as `log.level`, that come from the environment. */
  readonly overridden: ReadonlySet<string>;
}

/** The file (YAML or JSON), overridden by the environment, overridden by flags. Rejects with ConfigError. */
export async function givenSettings(
  flags: ConfigFlags,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<GivenSettings> {
  const content = flags.config === undefined ? {} : await readConfigFile(flags.config);
  const overridden = new Set<string>();
  for (const [name, { place, isNumber }] of Object.entries(environmentPlaces)) {
    const text = environment[name];
    if (text === undefined || text === "") continue;
    put(content, place, isNumber ? Number(text) : text);
    overridden.add(place.join("."));
  }
  if (flags.data !== undefined) put(content, ["data"], flags.data);
  return { source: flags.config ?? "the configuration", content, overridden };
}

export function isSection(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

async function readConfigFile(file: string): Promise<Record<string, unknown>> {
  let content: unknown;
  try {
    // JSON is YAML too.
    content = parseYaml(await readFile(file, "utf8")) ?? {};
  } catch (error) {
    throw new ConfigError(file, [error instanceof Error ? error.message : String(error)]);
  }
  if (isSection(content)) return content;
  throw new ConfigError(file, ["it must hold settings by their names, such as `data: /var/lib/sedge-agent`"]);
}

function put(content: Record<string, unknown>, place: readonly string[], value: unknown): void {
  const [first = "", ...rest] = place;
  if (rest.length === 0) {
    content[first] = value;
    return;
  }
  const inner = content[first];
  // A mistake in the file stays where it is and is named.
  if (inner !== undefined && (typeof inner !== "object" || inner === null)) return;
  const copy = { ...(inner as Record<string, unknown> | undefined) };
  put(copy, rest, value);
  content[first] = copy;
}
