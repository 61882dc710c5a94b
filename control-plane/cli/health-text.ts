import type { HealthMeasure, HealthRange } from "../../proto/telemetry-messages.ts";
import { healthMeasures } from "../../proto/telemetry-messages.ts";
import { seconds } from "../../proto/units.ts";
import type { DeviceHealth } from "../application/telemetry-stores.ts";
import { healthMarks } from "../domain/health-marks.ts";
import { relativeTime } from "./duration.ts";
import { formatSize } from "./sizes.ts";
import type { Column } from "./table.ts";
import { formatTable } from "./table.ts";
import type { Paint } from "./terminal.ts";

const percent = (share: number) => `${Math.round(share * 100)} %`;

/** What each measure is called, and how its numbers are read. */
const words: Readonly<Record<HealthMeasure, { readonly name: string; readonly text: (value: number) => string }>> = {
  cpu: { name: "processor", text: percent },
  "agent-cpu": { name: "agent and models, of one core", text: percent },
  "agent-memory": { name: "memory of the agent", text: formatSize },
  "models-memory": { name: "memory of the models", text: formatSize },
  "memory-available": { name: "memory available", text: formatSize },
  "disk-free": { name: "disk free", text: formatSize },
  temperature: { name: "temperature", text: (celsius) => `${Math.round(celsius)} °C` },
  frequency: { name: "clock, of its highest", text: percent },
  throttled: { name: "throttled, of the time", text: percent },
  battery: { name: "battery", text: percent },
  "on-battery": { name: "on battery, of the time", text: percent },
  spool: { name: "spool, of its quota", text: percent },
};

/** In one line. Example: `hot, throttled: 84 °C, processor 31 %, 412 MB of memory and 3.1 GB of disk free, 4 min ago`. */
export function healthLine({ measures, receivedAtMs }: DeviceHealth, now: number): string {
  const { temperature, cpu, battery } = measures;
  const memory = measures["memory-available"];
  const disk = measures["disk-free"];
  const facts = [
    temperature && words.temperature.text(temperature.max),
    cpu && `processor ${percent(cpu.mean)}`,
    memory && `${formatSize(memory.min)} of memory available`,
    disk && `${formatSize(disk.min)} of disk free`,
    battery && `battery ${percent(battery.min)}`,
    relativeTime(receivedAtMs, now),
  ].filter((fact) => fact !== undefined);
  const marks = healthMarks(measures);
  return `${marks.length === 0 ? "" : `${marks.join(", ")}: `}${facts.join(", ")}`;
}

/** Example: `2.4 s ahead of the control plane's`. Below a second it is how long the message took as much as the clock. */
export function clockText(offsetMs: number | undefined): string | undefined {
  if (offsetMs === undefined) return undefined;
  if (Math.abs(offsetMs) < seconds(1)) return "right, to a second";
  return `${(Math.abs(offsetMs) / 1_000).toFixed(1)} s ${offsetMs > 0 ? "ahead of" : "behind"} the control plane's`;
}

/** The measures of one window, one a line. */
export function healthTable({ measures }: DeviceHealth, paint: Paint): string {
  const rows = healthMeasures.flatMap((measure) => {
    const range = measures[measure];
    return range === undefined ? [] : [{ measure, range }];
  });
  const column = (title: string, of: keyof HealthRange): Column<(typeof rows)[number]> => ({
    title,
    align: "right",
    cell: ({ measure, range }) => words[measure].text(range[of]),
  });
  return formatTable(
    rows,
    [
      { title: "MEASURE", cell: ({ measure }) => words[measure].name },
      column("LEAST", "min"),
      column("MEAN", "mean"),
      column("MOST", "max"),
    ],
    "nothing",
    paint,
  );
}
