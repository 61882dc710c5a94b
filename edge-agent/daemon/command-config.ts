import { actAsOwnerOf } from "./act-as-owner.ts";
import type { AgentConfig } from "./config.ts";
import type { ConfigFlags } from "./config-sources.ts";
import { readConfig } from "./config.ts";

/** What every command begins with: the configuration, and the identity of whoever owns the data directory. */
export async function openConfig(flags: ConfigFlags): Promise<AgentConfig> {
  // A variable of the environment that is empty names no file.
  const config = await readConfig({ data: flags.data, config: flags.config || undefined }, process.env);
  await actAsOwnerOf(config.data);
  return config;
}
