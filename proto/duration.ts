import { hours, minutes, seconds } from "./units.ts";

const units = { ms: 1, s: seconds(1), m: minutes(1), h: hours(1), d: hours(24) } as const;

/** Milliseconds of "250ms", "30s", "10m", "2h", "7d" or a row of them such as "1h30m"; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  if (!/^(?:\d{1,9}(?:\.\d{1,3})?(?:ms|s|m|h|d))+$/.test(text)) return undefined;
  let ms = 0;
  for (const [, count, unit] of text.matchAll(/([\d.]+)(ms|[smhd])/g))
    ms += Number(count) * units[unit as keyof typeof units];
  return Math.round(ms);
}
