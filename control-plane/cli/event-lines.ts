import type { FleetEvent } from "../application/ports.ts";
import type { Column } from "./table.ts";
import { formatTable } from "./table.ts";
import type { Paint } from "./terminal.ts";
import { printable } from "./terminal.ts";

const columns: readonly Column<FleetEvent>[] = [
  { title: "TIME", cell: ({ atMs }) => localTime(atMs), style: () => "dim" },
  { title: "EVENT", cell: ({ kind }) => kind },
  { title: "ABOUT", cell: about },
  { title: "WHAT HAPPENED", cell: whatHappened },
];

export function formatEvents(events: readonly FleetEvent[], paint: Paint, width: number | undefined): string {
  return formatTable(events, columns, "nothing happened yet", paint, width);
}

/** One event as it comes: the widths of what is still to come are not known. */
export function formatEvent(event: FleetEvent, paint: Paint): string {
  const time = paint("dim", localTime(event.atMs));
  return `${time}  ${printable(`${event.kind.padEnd(24)}  ${about(event).padEnd(16)}  ${whatHappened(event)}`)}\n`;
}

function about({ device, rollout }: FleetEvent): string {
  return device ?? rollout ?? "–";
}

/** Example: "digits@champion points at 2 (ada)". */
function whatHappened({ text, by }: FleetEvent): string {
  return by === undefined ? text : `${text} (${by})`;
}

/** The clock on the reader's wall. Example: "2026-11-21 04:30:05". */
export function localTime(atMs: number): string {
  const time = new Date(atMs);
  const two = (part: number) => String(part).padStart(2, "0");
  const date = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join("-");
  return `${date} ${[time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(":")}`;
}
