import type { DeviceId } from "../../proto/ids.ts";
import { isDeviceId } from "../../proto/ids.ts";
import { JsonReader } from "../../proto/json-reader.ts";
import { Problems } from "../../proto/problems.ts";

/** One device of the fleet that is simulated. */
export interface FleetDevice {
  readonly id: DeviceId;
  readonly hardware: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  /** Its one-time enrolment token; not needed when its data directory holds an enrolment. */
  readonly token: string | undefined;
}

export class FleetFileError extends Error {
  override readonly name = "FleetFileError";
}

/** Reads a list of `{ id, hardware?, labels?, token? }`. Throws FleetFileError with every mistake. */
export function parseFleet(text: string): readonly FleetDevice[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new FleetFileError(`the fleet is not JSON: ${String(error)}`, { cause: error });
  }
  const problems = new Problems();
  const devices = new JsonReader(json, "fleet", problems).list(100_000).map((reader, i): FleetDevice => {
    const hardware = reader.field("hardware");
    const token = reader.field("token");
    return {
      id: reader.field("id").textThat(isDeviceId, "a device id"),
      hardware: hardware.absent ? undefined : hardware.text(128),
      labels: labelsIn(reader.field("labels"), entryOf(json, i), problems),
      token: token.absent ? undefined : token.text(1_024),
    };
  });
  for (const [i, { id }] of devices.entries())
    if (devices.findIndex((other) => other.id === id) < i) problems.add(`fleet[${i}].id`, `"${id}" is there twice`);
  if (problems.any) throw new FleetFileError(`the fleet cannot be used: ${problems.list.join("; ")}`);
  return devices;
}

/** `count` devices of the same kind, from flags: sim-1, sim-2, …; device i takes the token i. */
export function numberedFleet(
  count: number,
  tokens: readonly string[],
  labels: Readonly<Record<string, string>>,
): readonly FleetDevice[] {
  return Array.from({ length: count }, (_, i) => ({
    id: `sim-${i + 1}` as DeviceId,
    hardware: undefined,
    labels,
    token: tokens[i],
  }));
}

function entryOf(json: unknown, i: number): unknown {
  const entry: unknown = Array.isArray(json) ? json[i] : undefined;
  return typeof entry === "object" && entry !== null && "labels" in entry ? entry.labels : undefined;
}

function labelsIn(reader: JsonReader, labels: unknown, problems: Problems): Readonly<Record<string, string>> {
  if (reader.absent) return {};
  if (typeof labels === "object" && labels !== null && !Array.isArray(labels)) {
    const entries = Object.entries(labels);
    if (entries.every((entry): entry is [string, string] => typeof entry[1] === "string"))
      return Object.fromEntries(entries);
  }
  problems.add(reader.path, "must be an object of texts");
  return {};
}
