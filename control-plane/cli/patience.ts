import { minutes, seconds } from "../../proto/units.ts";
import { formatDuration } from "./duration.ts";

/** How often a command that follows something looks again. */
export const lookEveryMs = 500;
/** Also where an answer takes long. */
export const lookAtLeastEveryMs = seconds(10);
/** A control plane that restarts, or moves to a new version of itself, comes back within this time; what was followed goes on where it was. */
export const patienceMs = minutes(5);
export const waitsForAnAnswer = `The control plane does not answer; trying for ${formatDuration(patienceMs)} …`;
export const answersAgain = "The control plane answers again.";
