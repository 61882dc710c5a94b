import type { BlockRelay } from "./block-relay.ts";
import { blockSource } from "./chunked-download.ts";
import { noFactory, withFactoryFiles } from "./factory.ts";
import type { Clock, Ports } from "./ports.ts";
import type { Surroundings } from "./quarantine.ts";
import { relayedDeltaSource } from "./relayed-delta-source.ts";

/** The ports as the agent's parts see them: its own connection is the last source, and what came with the device is among its files. */
export function withOwnSources<C extends Clock>(
  ports: Ports,
  clock: C,
  blocks: BlockRelay,
): Ports & { readonly clock: C } {
  const { deltas, files, sources, factory = noFactory } = ports;
  return {
    ...ports,
    clock,
    files: withFactoryFiles(files, factory.files),
    sources: [...sources, blockSource(blocks, clock)],
    deltas: deltas && { ...deltas, sources: [...deltas.sources, relayedDeltaSource(blocks, clock)] },
  };
}

export function surroundingsOf(
  { runtime, profile }: Pick<Ports, "runtime" | "profile">,
  agentVersion: string,
): Surroundings {
  return { runtime: { name: runtime.name, version: runtime.version }, agentVersion, cpuFlags: profile.cpuFlags };
}
