import { resolve, sep } from "node:path";
import type { AgentConfig } from "./config.ts";
import { ConfigError } from "./config-sources.ts";

/**
 * On a device whose file system is mounted for reading only, the agent writes in its data directory and in those that the service
 * manager gives it for a run, and nowhere else. Throws ConfigError with every setting that asks for more: found at the start, not by
 * the first request weeks later.
 */
export function checkReadOnlyRoot(config: AgentConfig, runtimeDirectories: readonly string[]): void {
  const writable = [config.data, ...runtimeDirectories].map((directory) => resolve(directory));
  const isWritable = (path: string) =>
    writable.some((directory) => resolve(path) === directory || resolve(path).startsWith(`${directory}${sep}`));
  const written = [
    ["http.socket", config.http.socket],
    ...config.inputs.map((input, i) => [`inputs[${i}].path`, "path" in input ? input.path : undefined] as const),
  ] as const;
  const mistakes = written
    .filter(([, path]) => path !== undefined && !isWritable(path))
    .map(([setting, path]) => `${setting}: ${path} lies outside ${writable.join(" and ")}, and the rest is read-only`);
  if (mistakes.length > 0) throw new ConfigError("--read-only-root: the configuration", mistakes);
}

/** systemd names the service's own directories under /run here, with colons between them. */
export function runtimeDirectoriesIn(environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  return (environment["RUNTIME_DIRECTORY"] ?? "").split(":").filter((directory) => directory !== "");
}
