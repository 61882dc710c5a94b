import type { HealthMeasure, HealthRange } from "../../proto/telemetry-messages.ts";
import { mebibytes } from "../../proto/units.ts";

/** What a person should look at. */
export type HealthMark = "hot" | "throttled" | "memory low" | "disk low" | "battery low" | "spool full";

/** Most boards throttle at 80 to 85 °C; below 50 MiB a model cannot be swapped, and a package hardly fits on less than 200. */
const limits = {
  hotCelsius: 80,
  memoryBytes: mebibytes(50),
  diskBytes: mebibytes(200),
  batteryShare: 0.2,
  spoolShare: 0.9,
} as const;

/**
 * The worst of a window counts: a board that was hot for a minute was hot. A measure that the device does not show makes no mark.
 *
 * Example: a temperature of at most 84 °C and 30 MiB of memory in the worst moment make "hot" and "memory low".
 */
export function healthMarks(measures: Readonly<Partial<Record<HealthMeasure, HealthRange>>>): readonly HealthMark[] {
  const { temperature, throttled, battery, spool } = measures;
  const memory = measures["memory-available"];
  const disk = measures["disk-free"];
  const marks: readonly (HealthMark | false | undefined)[] = [
    temperature && temperature.max >= limits.hotCelsius && "hot",
    throttled && throttled.max > 0 && "throttled",
    memory && memory.min < limits.memoryBytes && "memory low",
    disk && disk.min < limits.diskBytes && "disk low",
    battery && battery.min < limits.batteryShare && "battery low",
    spool && spool.max >= limits.spoolShare && "spool full",
  ];
  return marks.filter((mark) => mark !== undefined && mark !== false);
}
