import { isModelName } from "../../../proto/ids.ts";
import { JsonReader } from "../../../proto/json-reader.ts";
import { Problems } from "../../../proto/problems.ts";
import { textOfBytes } from "../../../proto/bytes.ts";
import type { Assignment } from "../../../proto/assignment-messages.ts";
import type { AgentState, ModelState } from "../../core/agent-state.ts";
import { emptyModel } from "../../core/slots.ts";
import { assignmentIn, assignmentMarkIn, settingsIn, slotIn } from "./agent-state-json.ts";
import { lifecycleEvent, quarantined, updateFailure } from "./update-outcome-json.ts";

// A newer agent may have saved a state that this one cannot read as a whole: with a stage that this one has no word for, or under
// another schema. Such a device must not lose its models with its agent. So of each model this takes what it understands, each part for
// itself: above all what is active and what a rollback goes back to. What it does not understand it leaves out, and the control plane,
// which knows what it wants of the device, makes up for that at the next connection.

/** Undefined where nothing of it can be used. Never throws. */
export function salvageAgentState(bytes: Uint8Array): AgentState | undefined {
  const json = parsed(textOfBytes(bytes));
  if (typeof json !== "object" || json === null) return undefined;
  const root = json as Readonly<Record<string, unknown>>;
  const kept = listOf(root["models"]).flatMap((model) => modelIn(model) ?? []);
  const assignment = assignmentOf(root["assignment"]);
  if (kept.length === 0 && assignment === undefined) return undefined;
  const settings = understood(root["settings"], settingsIn);
  return {
    assignment,
    models: kept,
    outbox: listOf(root["outbox"]).flatMap((event) => understood(event, lifecycleEvent) ?? []),
    ...(settings !== undefined && { settings }),
  };
}

/** A candidate is left out: its update begins anew when the control plane still wants it, with the files that are there. */
function modelIn(json: unknown): ModelState | undefined {
  const model = understood(json, (reader) => reader.field("model").textThat(isModelName, "a model name"));
  if (model === undefined) return undefined;
  const fields = json as Readonly<Record<string, unknown>>;
  const state = {
    ...emptyModel(model),
    active: understood(fields["active"], slotIn),
    previous: understood(fields["previous"], slotIn),
    failure: understood(fields["failure"], updateFailure),
    quarantined: listOf(fields["quarantined"]).flatMap((one) => understood(one, quarantined) ?? []),
  };
  return state.active === undefined && state.previous === undefined ? undefined : state;
}

/**
 * What is not understood of an assignment is no reason to accept an older one. Of one that cannot be read the epoch and the generation
 * before it stay: it is accepted when it comes again, and none that is older. Until then the device keeps the models that it has.
 */
function assignmentOf(json: unknown): Assignment | undefined {
  const whole = understood(json, assignmentIn);
  if (whole !== undefined) return whole;
  const mark = understood(json, assignmentMarkIn);
  if (mark === undefined || mark.generation === 0) return undefined;
  return { ...mark, generation: mark.generation - 1, models: [], telemetry: { windowMs: 0 }, keepsModels: true };
}

/** Undefined for what is not there, and for all of it where a part is not understood. */
function understood<T>(json: unknown, read: (reader: JsonReader) => T): T | undefined {
  if (json === undefined || json === null) return undefined;
  const problems = new Problems();
  const value = read(new JsonReader(json, "", problems));
  return problems.any ? undefined : value;
}

function listOf(json: unknown): readonly unknown[] {
  return Array.isArray(json) ? (json as unknown[]) : [];
}

function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
