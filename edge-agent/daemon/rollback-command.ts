import { isModelName } from "../../proto/ids.ts";
import { limits } from "../../proto/limits.ts";
import type { ConfigFlags } from "./config-sources.ts";
import { wrapped } from "./console-text.ts";
import { openConfig } from "./command-config.ts";
import { NoModelError, UsageError } from "./exit-codes.ts";
import type { RollbackOutcome } from "../core/step-runner.ts";
import { askRollback } from "./running-agent.ts";
import { readStoredState } from "./stored-state.ts";

export interface RollbackCommandFlags extends ConfigFlags {
  readonly reason?: string;
  readonly faulty: boolean;
  readonly output: "text" | "json";
}

class RollbackRefusedError extends Error {
  override readonly name = "RollbackRefusedError";
}

export async function rollbackCommand(model: string, flags: RollbackCommandFlags): Promise<void> {
  const { data } = await openConfig(flags);
  if (!isModelName(model)) throw new UsageError(`"${model}" is not a model name`);
  const reason = `taken back on the device: ${flags.reason ?? "no reason was given"}`.slice(0, limits.reasonCharacters);
  const outcome = await askRollback(data, { model, reason, isFaulty: flags.faulty });
  if (outcome.kind === "refused") {
    const known = (await readStoredState(data)).state?.models ?? [];
    if (known.every((one) => one.model !== model)) throw new NoModelError(outcome.reason);
    throw new RollbackRefusedError(outcome.reason);
  }
  const { from, to } = outcome;
  if (flags.output === "json") process.stdout.write(`${JSON.stringify({ model, from, to, reason })}\n`);
  else process.stdout.write(`${rolledBackLines(model, outcome, flags.faulty).join("\n")}\n`);
}

function rolledBackLines(
  model: string,
  { from, to }: Extract<RollbackOutcome, { readonly kind: "rolled-back" }>,
  isFaulty: boolean,
): readonly string[] {
  const now = to === undefined ? "nothing answers now" : `${to} answers now`;
  return [
    ...wrapped("", `${model}: ${from ?? "the update"} was taken back; ${now}.`),
    ...wrapped("", "It is reported to the control plane, and not tried again until another rollout asks for it."),
    ...wrapped(
      "",
      isFaulty
        ? "It counts as a failure of the version."
        : "It counts as your wish, not as a failure of the version; --faulty says that.",
    ),
  ];
}
