import { readFile } from "node:fs/promises";
import { parse as parseYaml } from "yaml";
import { z } from "zod";
import { isModelName } from "../../proto/ids.ts";
import { mebibytes, minutes, seconds } from "../../proto/units.ts";

const loopbackHosts: readonly string[] = ["127.0.0.1", "::1", "localhost"];

const modelName = z.string().refine(isModelName, 'must be a model name: a-z, 0-9, ".", "_" and "-"');
const path = z.string().min(1);

const inputSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("directory"), model: modelName, path }),
  z.strictObject({
    kind: z.literal("generator"),
    model: modelName,
    file: path,
    ratePerSecond: z.number().positive().max(10_000),
    seed: z.int().min(0).default(1),
  }),
]);

const configSchema = z.strictObject({
  data: path.default("/var/lib/sedge-agent"),
  http: z
    .strictObject({
      host: z
        .string()
        .refine((host) => loopbackHosts.includes(host), `must be one of ${loopbackHosts.join(", ")}`)
        .default("127.0.0.1"),
      port: z.int().min(0).max(65_535).default(4_690),
      /** Listens there and on no port. */
      socket: path.optional(),
    })
    .prefault({}),
  log: z.strictObject({ level: z.enum(["debug", "info", "warn", "error"]).default("info") }).prefault({}),
  runtime: z
    .strictObject({
      /** Bytes that the process of one model may take. */
      maxMemory: z.int().min(mebibytes(64)).optional(),
    })
    .prefault({}),
  inputs: z.array(inputSchema).max(64).default([]),
  telemetry: z
    .strictObject({
      /** Bytes of telemetry that are kept while there is no connection. */
      quotaBytes: z.int().min(mebibytes(1)).default(mebibytes(32)),
    })
    .prefault({}),
  retry: z
    .strictObject({
      baseMs: z.number().min(10).default(seconds(1)),
      capMs: z.number().min(10).default(minutes(5)),
    })
    .prefault({}),
});

export type AgentConfig = z.output<typeof configSchema>;
export type InputConfig = AgentConfig["inputs"][number];

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
  SEDGE_AGENT_RUNTIME_MAX_MEMORY: { place: ["runtime", "maxMemory"], isNumber: true },
  SEDGE_AGENT_TELEMETRY_QUOTA_BYTES: { place: ["telemetry", "quotaBytes"], isNumber: true },
} as const;

/** The file (YAML or JSON), overridden by the environment, overridden by flags. Rejects with ConfigError. */
export async function readConfig(
  flags: ConfigFlags,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<AgentConfig> {
  const content = flags.config === undefined ? {} : await readConfigFile(flags.config);
  for (const [name, { place, isNumber }] of Object.entries(environmentPlaces)) {
    const text = environment[name];
    if (text !== undefined && text !== "") put(content, place, isNumber ? Number(text) : text);
  }
  if (flags.data !== undefined) put(content, ["data"], flags.data);
  return parseConfig(flags.config ?? "the configuration", content);
}

export function parseConfig(source: string, content: unknown): AgentConfig {
  const result = configSchema.safeParse(content);
  if (result.success) return frozen(result.data);
  throw new ConfigError(source, result.error.issues.flatMap(mistakesOf));
}

async function readConfigFile(file: string): Promise<Record<string, unknown>> {
  let content: unknown;
  try {
    // JSON is YAML too.
    content = parseYaml(await readFile(file, "utf8")) ?? {};
  } catch (error) {
    throw new ConfigError(file, [error instanceof Error ? error.message : String(error)]);
  }
  if (typeof content === "object" && content !== null && !Array.isArray(content))
    return content as Record<string, unknown>;
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

function mistakesOf(issue: z.core.$ZodIssue): string[] {
  const place = issue.path.map((step) => (typeof step === "number" ? `[${step}]` : `.${String(step)}`)).join("");
  const where = place === "" ? "" : `${place.replace(/^\./, "")}: `;
  if (issue.code !== "unrecognized_keys") return [`${where}${issue.message}`];
  return issue.keys.map((key) => `${where}there is no setting "${key}"`);
}

function frozen<T extends object>(value: T): T {
  for (const inner of Object.values(value)) if (typeof inner === "object" && inner !== null) frozen(inner as object);
  return Object.freeze(value);
}
