import type { SoakPolicy } from "../../proto/assignment-messages.ts";
import { formatDuration } from "./duration.ts";

/** How long a device tries a version that nobody may ask for anything. Example: "1m with 20 requests, or 10m with fewer". */
export function trialLength({ durationMs, minInferences, deadlineMs }: SoakPolicy): string {
  const soak = formatDuration(durationMs);
  if (minInferences === 0 || durationMs === deadlineMs) return soak;
  const requests = `${minInferences} ${minInferences === 1 ? "request" : "requests"}`;
  return `${soak} with ${requests}, or ${formatDuration(deadlineMs)} with fewer`;
}
