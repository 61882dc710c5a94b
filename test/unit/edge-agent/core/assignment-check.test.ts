import { describe, expect, it } from "vitest";
import { nodeCrypto } from "../../../../edge-agent/adapters/node/node-crypto.ts";
import { checkAssignment } from "../../../../edge-agent/core/assignment-check.ts";
import { encodeAssignment } from "../../../../proto/codec/assignment.ts";
import type { Assignment } from "../../../../proto/assignment-messages.ts";
import { payloadTypes } from "../../../../proto/statements.ts";
import { aSigningKey } from "../../../support/agent-control.ts";
import { aDevice, anAssignment, aSampling } from "../../../support/messages.ts";

const director = aSigningKey();
const last = anAssignment({ issuedAtMs: 1_000, telemetry: { windowMs: 60_000 } });

function check(next: Partial<Assignment>) {
  const statement = director.sign(payloadTypes.assignment, encodeAssignment({ ...last, ...next }));
  return checkAssignment(statement, last, nodeCrypto, { device: aDevice, director, publishers: [] });
}

describe("an assignment under the generation that was accepted last", () => {
  it("is no other one when only its time of issue differs", async () => {
    expect(await check({ issuedAtMs: 2_000 })).toEqual({ kind: "unchanged", issuedAtMs: 2_000 });
  });

  it("is accepted with other telemetry settings: those belong to the control plane, and not to a rollout", async () => {
    expect(await check({ issuedAtMs: 2_000, telemetry: { windowMs: 5_000 } })).toMatchObject({
      kind: "accepted",
      assignment: { telemetry: { windowMs: 5_000 } },
    });
  });

  it("is accepted with other sampling settings, and without any", async () => {
    expect(await check({ issuedAtMs: 2_000, sampling: aSampling })).toMatchObject({
      kind: "accepted",
      assignment: { sampling: aSampling },
    });
    expect(await check({ issuedAtMs: 1_000, sampling: aSampling })).toMatchObject({ kind: "refused" });
  });

  it("is refused with older telemetry settings, which somebody has recorded", async () => {
    expect(await check({ issuedAtMs: 1_000, telemetry: { windowMs: 5_000 } })).toMatchObject({ kind: "refused" });
  });

  it("is refused with another order of variants: that is a wish, and each wish has a generation", async () => {
    const models = last.models.map((model) => ({ ...model, variantOrder: ["int8"] }));
    expect(await check({ issuedAtMs: 2_000, models })).toMatchObject({ kind: "refused" });
  });

  it("is refused with other models, however new it is", async () => {
    expect(await check({ issuedAtMs: 2_000, models: [] })).toMatchObject({ kind: "refused" });
  });
});
