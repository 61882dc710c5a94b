import { parseDuration } from "../../proto/duration.ts";
import { usageError } from "./exit-codes.ts";

/** What a person wrote on the command line, in milliseconds. */
export function readDuration(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw usageError(`"${text}" is not a duration: write 30s, 10m, 2h, 1h30m or 7d`);
  return ms;
}

/** The two largest units. Example: 3,725,000 ms are "1h 2m". */
export function formatDuration(ms: number): string {
  const all = Math.max(0, Math.round(ms / 1000));
  const parts: readonly (readonly [number, string])[] = [
    [Math.floor(all / 86_400), "d"],
    [Math.floor(all / 3600) % 24, "h"],
    [Math.floor(all / 60) % 60, "m"],
    [all % 60, "s"],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) return "0s";
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count}${unit}`)
    .join(" ");
}

/** Example: "3m ago", "in 2h", "now". The largest unit is enough for a table. */
export function relativeTime(atMs: number, nowMs: number): string {
  const [distance = "0s"] = formatDuration(Math.abs(nowMs - atMs)).split(" ");
  if (distance === "0s") return "now";
  return atMs <= nowMs ? `${distance} ago` : `in ${distance}`;
}
