import { counted, percent } from "./format-figure.ts";
import type { DeviceShare } from "./share-of-devices.ts";
import { shareOf } from "./share-of-devices.ts";
import { wilsonInterval } from "./wilson-interval.ts";

/** One or two prove nothing, whatever the bound says about so few. */
const fewestBad = 3;
const mostNamed = 3;

/**
 * In words, which devices are over the limit by themselves (95 % bound of Wilson), for a person who must find them; "" when none is, and of
 * a single device, which needs no telling apart.
 *
 * Example: "1 device of 40 is over the limit by itself: cam-7 (100 % of 250)".
 */
export function devicesThatStandOut(counts: readonly DeviceShare[], limit: number): string {
  const witnesses = counts.filter(({ all }) => all > 0);
  if (witnesses.length < 2) return "";
  const over = witnesses
    .filter(({ bad, all }) => bad >= fewestBad && wilsonInterval(bad, all).lower > limit)
    .toSorted((a, b) => shareOf(b) - shareOf(a) || b.all - a.all || (a.device < b.device ? -1 : 1));
  if (over.length === 0) return "";
  const are = over.length === 1 ? "is over the limit by itself" : "are over the limit by themselves";
  const found = `${counted(over.length, "device")} of ${witnesses.length} ${are}`;
  // Where most devices are, none of them stands out.
  if (over.length > witnesses.length / 2) return found;
  const named = over.slice(0, mostNamed).map((one) => `${one.device} (${percent(shareOf(one))} of ${one.all})`);
  const others = over.length > mostNamed ? ` and ${over.length - mostNamed} more` : "";
  return `${found}: ${named.join(", ")}${others}`;
}
