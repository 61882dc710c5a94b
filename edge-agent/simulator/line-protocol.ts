import { isDeviceId } from "../../proto/ids.ts";
import { JsonReader } from "../../proto/json-reader.ts";
import type { Decoded } from "../../proto/problems.ts";
import { decoded, Problems, undecodable } from "../../proto/problems.ts";
import type { Disturbance } from "./drift-injector.ts";
import { disturbances } from "./drift-injector.ts";

/** What may be asked of the running simulator, one JSON object a line. */
export type SimulatorCommand =
  | { readonly kind: "disturb"; readonly devices: readonly string[]; readonly effect: Disturbance }
  | { readonly kind: "stop" };

/** What it says, one JSON object a line. */
export type SimulatorLine =
  /** Every device has connected once. */
  | { readonly kind: "ready"; readonly devices: readonly string[] }
  | {
      readonly kind: "status";
      readonly device: string;
      readonly connected: boolean;
      readonly models: readonly {
        readonly model: string;
        readonly serving: string | undefined;
        readonly phase: string;
        readonly failure: string | undefined;
      }[];
    }
  | { readonly kind: "disturbed"; readonly devices: readonly string[]; readonly effect: Disturbance }
  | { readonly kind: "refused"; readonly problems: readonly string[] };

export function parseCommand(line: string): Decoded<SimulatorCommand> {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch (error) {
    return undecodable([`not JSON: ${String(error)}`]);
  }
  const problems = new Problems();
  const root = new JsonReader(json, "", problems);
  const kind = root.field("kind").oneOf(["disturb", "stop"]);
  if (problems.any) return undecodable(problems.list);
  if (kind === "stop") return decoded({ kind });
  const devices = root
    .field("devices")
    .list(100_000)
    .map((device) => device.textThat(isDeviceId, "a device id"));
  const effect = root.field("effect").oneOf(disturbances);
  return problems.any ? undecodable(problems.list) : decoded({ kind, devices, effect });
}
