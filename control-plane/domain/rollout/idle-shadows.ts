import { counted } from "./format-figure.ts";
import type { StageCase } from "./stage-case.ts";

const mostNamed = 3;

/**
 * In words, which devices run the new version in shadow and have compared nothing: their applications ask for nothing, or a model that
 * stays has taken the memory that the shadow needs. When the time for evidence is over, also what a person can do about it. "" when all
 * compare.
 */
export function idleShadows({ updates, shadow, stage, enteredAtMs, now }: StageCase): string {
  const idle = updates.filter(
    ({ device, state }) => state === "shadowing" && (shadow.devices.get(device)?.compared ?? 0) === 0,
  );
  if (idle.length === 0) return "";
  const named = idle.slice(0, mostNamed).map(({ device }) => device);
  const others = idle.length > mostNamed ? ` and ${idle.length - mostNamed} more` : "";
  const fact = `${counted(idle.length, "device")} in shadow compared nothing: ${named.join(", ")}${others}`;
  if (now - enteredAtMs < stage.evidenceTimeoutMs) return fact;
  return (
    `${fact}. Either nobody asks them for inferences, or they have no memory left for two versions ("sedge device health" shows ` +
    `it): resume the rollout when that is mended, or abort it and start another without --shadow`
  );
}
