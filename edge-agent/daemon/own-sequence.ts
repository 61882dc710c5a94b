import type { ModelName } from "../../proto/ids.ts";
import type { SequenceId, SequenceStep } from "../core/sequence-states.ts";
import type { LocalAgent } from "./local-agent.ts";

/** What comes by one way in (a topic, a directory) is one sequence that never ends, where the model keeps state at all. */
export function ownSequenceOf(
  agent: Pick<LocalAgent, "describe">,
  model: ModelName,
  id: SequenceId,
): SequenceStep | undefined {
  return agent.describe(model)?.keepsState === true ? { id, start: false, end: false } : undefined;
}
