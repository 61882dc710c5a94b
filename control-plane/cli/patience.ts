import { seconds } from "../../proto/units.ts";
import { formatDuration } from "./duration.ts";

/** How often a command that follows something looks again. */
export const lookEveryMs = 500;
/** A control plane that restarts comes back within this time; what was followed goes on where it was. */
export const patienceMs = seconds(60);
export const waitsForAnAnswer = `The control plane does not answer; trying for ${formatDuration(patienceMs)} …`;
