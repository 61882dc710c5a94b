import { expect, it } from "vitest";
import { decodeAgentState, encodeAgentState } from "../../../../../edge-agent/adapters/portable/agent-state-json.ts";
import { decodeAssignment, encodeAssignment } from "../../../../../proto/codec/assignment.ts";
import type { Assignment } from "../../../../../proto/assignment-messages.ts";
import type { SampleRequestId } from "../../../../../proto/ids.ts";
import type { SampleCondition } from "../../../../../proto/sample-condition.ts";
import { aModel, anAssignment, aSampling, aSettings } from "../../../../support/messages.ts";

function readBack(assignment: Assignment) {
  const decoded = decodeAgentState(encodeAgentState({ assignment, models: [], outbox: [] }));
  return decoded.ok ? decoded.value.assignment : decoded.problems;
}

it("reads sampling settings back as they came", () => {
  const came = decodeAssignment(encodeAssignment(anAssignment({ sampling: aSampling })));
  if (!came.ok) throw new Error(came.problems.join("; "));
  // The same text: settings that come again must not look like others after a restart.
  expect(JSON.stringify(readBack(came.value))).toBe(JSON.stringify(came.value));
  expect(readBack(came.value)).toEqual(anAssignment({ sampling: aSampling }));
});

it("reads requests for samples back as they came, with their conditions", () => {
  const where = "class = one and any is stuck" as SampleCondition;
  const plain = { id: "q-1" as SampleRequestId, model: aModel, count: 2, untilMs: 9_000 };
  const sampling = { ...aSampling, requests: [plain, { ...plain, id: "q-2" as SampleRequestId, where }] };
  expect(readBack(anAssignment({ sampling }))).toEqual(anAssignment({ sampling }));
  const strange = { ...plain, where: "class" as SampleCondition };
  expect(readBack(anAssignment({ sampling: { ...sampling, requests: [strange] } }))).toEqual([
    "assignment.sampling.requests[0].where: must be a condition of inferences",
  ]);
});

it("reads settings from the centre back as they came", () => {
  const settings = [aSettings("base", 1, { "telemetry.window": "5m", "log.level": "" }), aSettings("night", 3)];
  const wanted = anAssignment({ models: [], settings, keepsModels: true });
  expect(readBack(wanted)).toEqual(wanted);
  const state = { assignment: wanted, models: [], outbox: [], settings: [aSettings("night", 2)] };
  expect(decodeAgentState(encodeAgentState(state))).toEqual({ ok: true, value: state });
});

it("reads a state without sampling settings, as an older agent saved it", () => {
  expect(readBack(anAssignment())).toEqual(anAssignment());
});

it("reads the wish for a shadow back as it came: another share would be another assignment", () => {
  const models = anAssignment().models.map((model) => ({ ...model, shadow: { share: 0.1 } }));
  const came = decodeAssignment(encodeAssignment(anAssignment({ models })));
  if (!came.ok) throw new Error(came.problems.join("; "));
  expect(readBack(came.value)).toEqual(anAssignment({ models }));
});
