/** Each variable of the environment and the place in the configuration that it overrides. */
const environmentPlaces = {
  SEDGE_AGENT_DATA: { place: ["data"], isNumber: false },
  SEDGE_AGENT_HTTP_HOST: { place: ["http", "host"], isNumber: false },
  SEDGE_AGENT_HTTP_PORT: { place: ["http", "port"], isNumber: true },
  SEDGE_AGENT_HTTP_SOCKET: { place: ["http", "socket"], isNumber: false },
  SEDGE_AGENT_LOG_LEVEL: { place: ["log", "level"], isNumber: false },
  SEDGE_AGENT_RUNTIME_ENGINE: { place: ["runtime", "engine"], isNumber: false },
  SEDGE_AGENT_RUNTIME_MAX_MEMORY: { place: ["runtime", "maxMemory"], isNumber: true },
  SEDGE_AGENT_LOGS_SEND: { place: ["logs", "send"], isNumber: false },
  SEDGE_AGENT_DETECTORS_FAR_OUTSIDE: { place: ["detectors", "farOutside"], isNumber: false },
  SEDGE_AGENT_DETECTORS_STUCK_AFTER: { place: ["detectors", "stuckAfter"], isNumber: false },
  SEDGE_AGENT_ENERGY_SAVE_BELOW_CHARGE: { place: ["energy", "saveBelowCharge"], isNumber: false },
  SEDGE_AGENT_ENERGY_SAVE_FROM_CELSIUS: { place: ["energy", "saveFromCelsius"], isNumber: false },
  SEDGE_AGENT_TELEMETRY_WINDOW: { place: ["telemetry", "window"], isNumber: false },
  SEDGE_AGENT_DOWNLOAD_BYTES_PER_SECOND: { place: ["download", "bytesPerSecond"], isNumber: false },
  SEDGE_AGENT_MAINTENANCE_WINDOW: { place: ["maintenance", "window"], isNumber: false },
  SEDGE_AGENT_MAINTENANCE_DOWNLOADS: { place: ["maintenance", "downloads"], isNumber: false },
  SEDGE_AGENT_RUNTIME_MEMORY_BUDGET: { place: ["runtime", "memoryBudget"], isNumber: true },
  SEDGE_AGENT_FACTORY: { place: ["factory"], isNumber: false },
  SEDGE_AGENT_TELEMETRY_QUOTA_BYTES: { place: ["telemetry", "quotaBytes"], isNumber: true },
} as const;

/** Puts what the environment says into the content of a configuration file; answers the settings, such as `log.level`, that it said. */
export function putEnvironment(
  content: Record<string, unknown>,
  environment: Readonly<Record<string, string | undefined>>,
): ReadonlySet<string> {
  const overridden = new Set<string>();
  for (const [name, { place, isNumber }] of Object.entries(environmentPlaces)) {
    const text = environment[name];
    if (text === undefined || text === "") continue;
    put(content, place, isNumber ? Number(text) : text);
    overridden.add(place.join("."));
  }
  return overridden;
}

function put(content: Record<string, unknown>, place: readonly string[], value: unknown): void {
  const [first = "", ...rest] = place;
  if (rest.length === 0) {
    content[first] = value;
    return;
  }
  const inner = content[first];
  // A mistake in the file stays where it is and is named.
  if (inner !== undefined && (typeof inner !== "object" || inner === null)) return;
  const copy = { ...(inner as Record<string, unknown> | undefined) };
  put(copy, rest, value);
  content[first] = copy;
}
