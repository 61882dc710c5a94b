import { seconds } from "../../../proto/units.ts";
import type { DeviceUpdate, Rollout } from "../../domain/rollout/rollout.ts";
import type { RolloutDetail } from "../../http/views.ts";
import type { ApiClient } from "../api-client.ts";
import { eventually } from "./claim.ts";
import type { Narrator } from "./narrator.ts";
import { bar } from "./narrator.ts";

const patienceMs = seconds(90);

/** Shows a rollout until it is over or waits for a person. */
export function followRollout(
  api: ApiClient,
  id: string,
  narrator: Narrator,
  signal: AbortSignal,
): Promise<RolloutDetail> {
  let shownStage = "";
  return eventually(`rollout ${id} comes to an end`, patienceMs, signal, async () => {
    const rollout = await api.rollout(id);
    const stage = stageName(rollout);
    if (stage !== undefined && stage !== shownStage) {
      shownStage = stage;
      narrator.note(`  ${stage}`);
    }
    narrator.live(liveLine(rollout));
    return rollout.phase.kind === "running" || rollout.phase.kind === "rolling-back" ? undefined : rollout;
  });
}

function stageName({ phase, spec }: Rollout): string | undefined {
  if (phase.kind !== "running" && phase.kind !== "rolling-back") return undefined;
  const stage = spec.stages[phase.stage];
  const name = `stage ${phase.stage + 1} of ${spec.stages.length}, ${stage?.name ?? ""} (${stage?.percent ?? 0} %)`;
  return phase.kind === "running" ? name : `rolling back ${name}`;
}

function liveLine(rollout: RolloutDetail): string {
  const done = settled(rollout.updates, rollout.phase.kind === "rolling-back" ? "reverted" : "confirmed");
  const verdicts = (rollout.decision?.gates ?? []).map(({ gate, verdict }) => `${gate} ${marks[verdict]}`).join("  ");
  return `${bar(done, rollout.updates.length, 12)} ${done}/${rollout.updates.length}  ${verdicts}`;
}

const marks = { pass: "✓", fail: "✗", inconclusive: "?", pending: "…" } as const;

function settled(updates: readonly DeviceUpdate[], state: DeviceUpdate["state"]): number {
  return updates.filter((update) => update.state === state).length;
}
