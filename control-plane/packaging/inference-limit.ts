import { minutes, seconds } from "../../proto/units.ts";
import type { Timed } from "./evaluation/measure-latency.ts";

/** How much slower than here an inference may be on a small device that does other work beside it. */
const slowestDevice = 100;
const shortest = seconds(1);
const longest = minutes(1);

/**
 * After how many milliseconds devices shall stop an inference, where the specification leaves it open: a hundred times what 95 of 100
 * inferences of the slowest variant took here, in steps of 100 ms, from a second to a minute.
 *
 * Example: a slowest variant with a p95 of 18.2 ms gives 1,900 ms.
 */
export function inferenceLimitOf(timed: readonly (Pick<Timed, "p95Ms"> | undefined)[]): number {
  const slowest = Math.max(0, ...timed.map((one) => one?.p95Ms ?? 0));
  const wanted = Math.ceil((slowest * slowestDevice) / 100) * 100;
  return Math.min(longest, Math.max(shortest, wanted));
}
