import { JsonReader } from "../../../proto/json-reader.ts";
import type { Decoded } from "../../../proto/problems.ts";
import { decoded, Problems, undecodable } from "../../../proto/problems.ts";
import type { ModelStatus, ServedModel } from "../../core/agent-status.ts";
import { readJsonBody } from "./json-body.ts";

/** One version of a model in Triton's model repository extension (extension_model_repository.md), with its states. */
export interface IndexEntry {
  readonly name: string;
  readonly version: string;
  readonly state: "READY" | "LOADING" | "UNAVAILABLE";
  readonly reason: string;
}

/** The versions of a model that are on the device or on their way to it; `served`: what answers requests. */
export function indexOf(status: ModelStatus, served: ServedModel | undefined): readonly IndexEntry[] {
  const entries = new Map<string, IndexEntry>();
  const add = (version: string | undefined, state: IndexEntry["state"], reason: string) => {
    if (version !== undefined && !entries.has(version))
      entries.set(version, { name: status.model, version, state, reason });
  };
  for (const version of served?.versions ?? []) add(version, "READY", "");
  add(status.candidate, candidateState(status), candidateReason(status));
  add(status.active, "LOADING", "its worker is being started");
  add(status.previous, "UNAVAILABLE", "it is kept for a rollback");
  add(status.factory, "UNAVAILABLE", "it came with the device, and serves when nothing else can");
  return [...entries.values()];
}

function candidateState({ phase, held }: ModelStatus): IndexEntry["state"] {
  return phase === "shadow" || held !== undefined ? "UNAVAILABLE" : "LOADING";
}

function candidateReason({ phase, held }: ModelStatus): string {
  if (phase === "shadow") return "it runs in shadow, and answers nobody";
  return held === undefined ? `its update is at "${phase}"` : `its update waits: ${held}`;
}

/** The body of an index request: `{"ready": true}` leaves out what cannot answer; no body is an empty object. */
export function readIndexRequest(body: Uint8Array): Decoded<{ readonly onlyReady: boolean }> {
  if (body.length === 0) return decoded({ onlyReady: false });
  const json = readJsonBody(body);
  if (!json.ok) return json;
  const problems = new Problems();
  const ready = new JsonReader(json.value, "", problems).field("ready");
  const onlyReady = !ready.absent && ready.flag();
  return problems.any ? undecodable(problems.list) : decoded({ onlyReady });
}
