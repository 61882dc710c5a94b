/** One level of names for all counters. Example: { ingest: { stored: 3 } } becomes { "ingest.stored": 3 }. */
export function flatCounters(groups: object, prefix = ""): Readonly<Record<string, number>> {
  const flat: Record<string, number> = {};
  for (const [name, value] of Object.entries(groups) as [string, unknown][]) {
    if (typeof value === "number") flat[prefix + name] = value;
    else if (typeof value === "object" && value !== null) Object.assign(flat, flatCounters(value, `${prefix}${name}.`));
  }
  return flat;
}
