import type { Decoded } from "../../../proto/problems.ts";
import { decoded, undecodable } from "../../../proto/problems.ts";
import { tooHeavyAsJson } from "./json-weight.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** The JSON object that a body is. Whoever sent it must not end the daemon with it: every body is read here and nowhere else. */
export function readJsonBody(body: Uint8Array): Decoded<object> {
  const tooHeavy = tooHeavyAsJson(body);
  if (tooHeavy !== undefined) return undecodable([`the body cannot be read as JSON: ${tooHeavy}`]);
  let json: unknown;
  try {
    json = JSON.parse(utf8.decode(body));
  } catch (error) {
    return undecodable([`the body is not JSON: ${error instanceof Error ? error.message : String(error)}`]);
  }
  if (typeof json !== "object" || json === null || Array.isArray(json))
    return undecodable(["the body must be an object in JSON"]);
  return decoded(json);
}
