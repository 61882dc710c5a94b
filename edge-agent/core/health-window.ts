import type { HealthMeasure, HealthRange, HealthWindow } from "../../proto/telemetry-messages.ts";
import type { HealthReading } from "./ports.ts";

/** Readings of a span that is not over: for each measure that was ever shown in it, how often, and their sum and bounds. */
export interface OpenHealthWindow {
  readonly startedAtMs: number;
  readonly measures: Readonly<Partial<Record<HealthMeasure, Sum>>>;
}

interface Sum {
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
}

export function openHealthWindow(startedAtMs: number): OpenHealthWindow {
  return { startedAtMs, measures: {} };
}

/** A value that is no finite number is what a broken sensor shows: it counts as not shown. */
export function withReading(window: OpenHealthWindow, reading: HealthReading): OpenHealthWindow {
  const measures = { ...window.measures };
  for (const [name, value] of Object.entries(reading) as [HealthMeasure, number | undefined][]) {
    if (value === undefined || !Number.isFinite(value)) continue;
    const { count, sum, min, max } = measures[name] ?? { count: 0, sum: 0, min: value, max: value };
    measures[name] = { count: count + 1, sum: sum + value, min: Math.min(min, value), max: Math.max(max, value) };
  }
  return { ...window, measures };
}

/**
 * The window as it travels, in single precision; undefined when nothing was shown.
 *
 * Example: the temperatures 50, 52 and 57 become { min: 50, mean: 53, max: 57 }.
 */
export function closedHealthWindow(window: OpenHealthWindow, endedAtMs: number): HealthWindow | undefined {
  const measures: Partial<Record<HealthMeasure, HealthRange>> = {};
  for (const [name, { count, sum, min, max }] of Object.entries(window.measures) as [HealthMeasure, Sum][]) {
    // A sum of equal numbers may be rounded: the mean of readings lies between them.
    const mean = Math.min(max, Math.max(min, sum / count));
    measures[name] = { min: Math.fround(min), mean: Math.fround(mean), max: Math.fround(max) };
  }
  if (Object.keys(measures).length === 0) return undefined;
  const { startedAtMs } = window;
  // The wall clock may have been set back in between.
  return { kind: "health", startedAtMs, endedAtMs: Math.max(startedAtMs, endedAtMs), measures };
}
