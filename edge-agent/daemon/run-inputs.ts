import type { Clock, Logger } from "../core/ports.ts";
import type { InputConfig } from "./input-config.ts";
import { runDirectoryInput } from "./directory-input.ts";
import { runGenerator } from "./generator-input.ts";
import type { LocalAgent } from "./local-agent.ts";
import { runMqttInput } from "./mqtt-input.ts";

interface InputContext {
  readonly agent: LocalAgent;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Runs every input of the configuration until the signal ends them. One that cannot run is named and leaves the others alone. */
export async function runInputs(
  inputs: readonly InputConfig[],
  context: InputContext,
  signal: AbortSignal,
): Promise<void> {
  await Promise.all(
    inputs.map(async (input) => {
      try {
        await runInput(input, context, signal);
      } catch (error) {
        if (!signal.aborted) context.log.error({ input, error: String(error) }, "an input cannot run");
      }
    }),
  );
}

async function runInput(input: InputConfig, context: InputContext, signal: AbortSignal): Promise<void> {
  switch (input.kind) {
    case "directory":
      return await runDirectoryInput({ ...context, ...input }, signal);
    case "mqtt":
      return await runMqttInput({ ...context, ...input }, signal);
    case "generator":
      return await runGenerator({ ...context, ...input }, signal);
  }
}
