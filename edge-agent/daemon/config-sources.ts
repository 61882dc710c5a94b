import { readFile } from "node:fs/promises";
import { parse as parseYaml } from "yaml";
import { putEnvironment } from "./environment-settings.ts";

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
  const overridden = putEnvironment(content, environment);
  if (flags.data !== undefined) content["data"] = flags.data;
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
