import { openConfig } from "./command-config.ts";
import type { ConfigFlags } from "./config-sources.ts";
import { readHostFacts } from "./host-facts.ts";
import { lockHolder } from "./lock-file.ts";
import { askStatus } from "./running-agent.ts";
import { statusText } from "./status-text.ts";

export interface StatusCommandFlags extends ConfigFlags {
  readonly output: "text" | "json";
}

export async function statusCommand(flags: StatusCommandFlags): Promise<void> {
  const { data } = await openConfig(flags);
  const status = await askStatus(data);
  const host = await readHostFacts(data, await lockHolder(data));
  process.stdout.write(flags.output === "json" ? `${JSON.stringify({ ...status, host })}\n` : statusText(status, host));
}
