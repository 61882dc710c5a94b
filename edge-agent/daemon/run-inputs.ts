import type { Clock, Logger } from "../core/ports.ts";
import type { InputConfig } from "./config.ts";
import { runDirectoryInput } from "./directory-input.ts";
import { runGenerator } from "./generator-input.ts";
import type { LocalAgent } from "./local-agent.ts";

/** Runs every input of the configuration until the signal ends them. One that cannot run is named and leaves the others alone. */
export async function runInputs(
  inputs: readonly InputConfig[],
  context: { readonly agent: LocalAgent; readonly clock: Clock; readonly log: Logger },
  signal: AbortSignal,
): Promise<void> {
  await Promise.all(
    inputs.map(async (input) => {
      try {
        if (input.kind === "directory") await runDirectoryInput({ ...context, ...input }, signal);
        else await runGenerator({ ...context, ...input }, signal);
      } catch (error) {
        if (!signal.aborted) context.log.error({ input, error: String(error) }, "an input cannot run");
      }
    }),
  );
}
