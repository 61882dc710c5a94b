import type { Decoded } from "./problems.ts";
import { decoded, undecodable } from "./problems.ts";
import { hours, minutes } from "./units.ts";

/**
 * When a device may change what serves: spans of the week, by the device's own clock in its time zone or in UTC.
 *
 * As text, `mo-fr 01:00-04:00, sa+su 22:00-06:00 utc`: days (`mo`, a row `mo-fr`, several `sa+su`, or `daily`) and a span, joined
 * by commas; at the end `utc` or `local`, which is what counts when neither is said. A span that ends before it begins goes on into
 * the next day, and belongs to the day on which it begins. `any` is every moment.
 */
export interface MaintenanceWindow {
  readonly clock: "local" | "utc";
  /** In minutes of the week, from Monday 00:00; apart from each other and in order. A span over the end of the week is two. */
  readonly spans: readonly { readonly from: number; readonly to: number }[];
}

export type WindowState =
  /** `untilMs` is undefined where the window never closes. */
  | { readonly kind: "open"; readonly untilMs: number | undefined }
  | { readonly kind: "closed"; readonly opensAtMs: number };

const dayNames = ["mo", "tu", "we", "th", "fr", "sa", "su"] as const;
const minutesOfDay = 24 * 60;
const minutesOfWeek = 7 * minutesOfDay;
/** 1970-01-01 was a Thursday. */
const dayOfEpoch = 3;

export const anyTime: MaintenanceWindow = { clock: "utc", spans: [{ from: 0, to: minutesOfWeek }] };

/** Names every mistake. */
export function parseMaintenanceWindow(text: string): Decoded<MaintenanceWindow> {
  const said = text.trim().toLowerCase();
  if (said === "any") return decoded(anyTime);
  const clock = /\s(utc|local)$/.exec(said)?.[1];
  const body = clock === undefined ? said : said.slice(0, -clock.length);
  const problems: string[] = [];
  const spans = body.split(",").flatMap((part) => {
    const read = parseSpan(part.trim());
    if (typeof read !== "string") return read;
    problems.push(read);
    return [];
  });
  if (problems.length > 0) return undecodable(problems);
  return decoded({ clock: clock === "utc" ? "utc" : "local", spans: joined(spans) });
}

/** The spans of one part, or what is wrong with it. */
function parseSpan(part: string): readonly { readonly from: number; readonly to: number }[] | string {
  const [, days = "", from = "", to = ""] = /^(\S+)\s+(\d\d:\d\d)\s*-\s*(\d\d:\d\d)$/.exec(part) ?? [];
  if (days === "") return `"${part}" is not a span: write mo-fr 01:00-04:00, sa+su 22:00-06:00`;
  const named = daysNamed(days);
  const begins = minuteOf(from);
  const ends = minuteOf(to);
  if (named === undefined) return `"${days}" does not name days: write ${dayNames.join(", ")}, mo-fr, sa+su or daily`;
  if (begins === undefined || begins === minutesOfDay) return `"${from}" is not a time from 00:00 to 23:59`;
  if (ends === undefined) return `"${to}" is not a time from 00:00 to 24:00`;
  if (begins === ends) return `"${from}-${to}" has no length`;
  const length = (ends - begins + minutesOfDay) % minutesOfDay || minutesOfDay;
  return named.flatMap((day) => {
    const start = day * minutesOfDay + begins;
    const end = start + length;
    return end <= minutesOfWeek
      ? [{ from: start, to: end }]
      : [
          { from: start, to: minutesOfWeek },
          { from: 0, to: end - minutesOfWeek },
        ];
  });
}

function daysNamed(text: string): readonly number[] | undefined {
  if (text === "daily") return dayNames.map((_, day) => day);
  const days = new Set<number>();
  for (const part of text.split("+")) {
    const [first = -1, last = first] = part.split("-").map((name) => dayNames.findIndex((day) => day === name));
    if (first < 0 || last < 0 || part.split("-").length > 2) return undefined;
    for (let day = first; ; day = (day + 1) % 7) {
      days.add(day);
      if (day === last) break;
    }
  }
  return [...days];
}

function minuteOf(text: string): number | undefined {
  const [hour = 0, minute = 0] = text.split(":").map(Number);
  const all = hour * 60 + minute;
  return minute < 60 && all <= minutesOfDay ? all : undefined;
}

function joined(spans: readonly { readonly from: number; readonly to: number }[]): MaintenanceWindow["spans"] {
  const ordered = [...spans].sort((a, b) => a.from - b.from);
  const apart: { from: number; to: number }[] = [];
  for (const { from, to } of ordered) {
    const before = apart.at(-1);
    if (before !== undefined && from <= before.to) before.to = Math.max(before.to, to);
    else apart.push({ from, to });
  }
  return apart;
}

/**
 * Whether the window is open at a moment, and when that changes. `utcOffsetMs` is what the device's time zone is ahead of UTC at
 * that moment; where it changes (summer time) before the moment that is answered, ask again then.
 *
 * Example: "mo 01:00-04:00 utc" on a Monday at 03:00: open until 04:00; at 04:00: closed until Monday 01:00 of the next week.
 */
export function windowAt({ clock, spans }: MaintenanceWindow, atMs: number, utcOffsetMs: number): WindowState {
  const local = atMs + (clock === "local" ? utcOffsetMs : 0) + dayOfEpoch * hours(24);
  const week = minutesOfWeek * minutes(1);
  const passed = ((local % week) + week) % week;
  const [only] = spans;
  if (only?.from === 0 && only.to === minutesOfWeek) return { kind: "open", untilMs: undefined };
  const now = spans.find(({ from, to }) => minutes(from) <= passed && passed < minutes(to));
  if (now !== undefined) {
    // A span that goes on over the end of the week continues in the first one.
    const goesOn = now.to === minutesOfWeek && only?.from === 0 ? only.to : 0;
    return { kind: "open", untilMs: atMs + minutes(now.to + goesOn) - passed };
  }
  const next = spans.find(({ from }) => minutes(from) > passed);
  const begin = next === undefined ? minutes((only?.from ?? 0) + minutesOfWeek) : minutes(next.from);
  return { kind: "closed", opensAtMs: atMs + begin - passed };
}
