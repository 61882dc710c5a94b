import type { Clock, Logger } from "../core/ports.ts";
import { parseModelName } from "../../proto/ids.ts";
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
      const model = parseModelName(input.model);
      try {
        if (input.kind === "directory") await runDirectoryInput({ ...context, model, path: input.path }, signal);
        else await runGenerator({ ...context, ...input, model }, signal);
      } catch (error) {
        if (!signal.aborted) context.log.error({ input, error: String(error) }, "an input cannot run");
      }
    }),
  );
}
