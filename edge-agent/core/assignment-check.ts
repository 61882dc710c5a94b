import { decodeAssignment } from "../../proto/codec/assignment.ts";
import { limits } from "../../proto/limits.ts";
import type { Assignment, SignedStatement } from "../../proto/assignment-messages.ts";
import { payloadTypes } from "../../proto/statements.ts";
import { isSignedByOneOf } from "./package-check.ts";
import type { Crypto, Trust } from "./ports.ts";

export type AssignmentCheck =
  | { readonly kind: "accepted"; readonly assignment: Assignment }
  /** The assignment that was accepted last, sent again and signed anew. */
  | { readonly kind: "unchanged"; readonly issuedAtMs: number }
  | { readonly kind: "refused"; readonly reason: string };

/**
 * May this device act on a desired state? Asked in this order: size, payload type, the director's signature over the exact bytes,
 * and only then what the bytes say: for this device, and newer than what was accepted last. Neither a broker nor a recording of
 * an older, once valid assignment can move a device.
 */
export async function checkAssignment(
  statement: SignedStatement,
  last: Assignment | undefined,
  crypto: Crypto,
  trust: Trust,
): Promise<AssignmentCheck> {
  if (statement.payload.length > limits.packetBytes)
    return refused(`the assignment has ${statement.payload.length} bytes, more than ${limits.packetBytes}`);
  if (statement.payloadType !== payloadTypes.assignment)
    return refused(`the signed statement is "${statement.payloadType}", not an assignment`);
  if (!(await isSignedByOneOf(statement, crypto, [trust.director])))
    return refused("the assignment is not signed by this device's control plane");
  const assignment = decodeAssignment(statement.payload);
  if (!assignment.ok) return refused(`the assignment cannot be read: ${assignment.problems.join("; ")}`);
  return compareAssignments(assignment.value, last, trust);
}

function compareAssignments(next: Assignment, last: Assignment | undefined, trust: Trust): AssignmentCheck {
  if (next.device !== trust.device)
    return refused(`the assignment is for ${next.device}, this device is ${trust.device}`);
  const names = next.models.map(({ model }) => model);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) return refused(`the assignment names ${twice} twice`);
  if (last === undefined) return { kind: "accepted", assignment: next };
  const age = next.epoch - last.epoch || next.generation - last.generation;
  if (age > 0) return { kind: "accepted", assignment: next };
  if (age < 0) return refused(`assignment ${nameOf(next)} is older than ${nameOf(last)}, which was accepted before`);
  if (!sameWishes(next, last))
    return refused(`assignment ${nameOf(next)} differs from the one that was accepted under the same generation`);
  if (sameMeasuring(next, last)) return { kind: "unchanged", issuedAtMs: next.issuedAtMs };
  if (next.issuedAtMs > last.issuedAtMs) return { kind: "accepted", assignment: next };
  return refused(
    `what assignment ${nameOf(next)} says of telemetry and sampling is older than those that were accepted before`,
  );
}

function nameOf({ epoch, generation }: Assignment): string {
  return `${epoch}.${generation}`;
}

/**
 * The generation counts the wishes for models and settings. The control plane signs anew when a device connects, so the time of issue may differ,
 * and with it what is said of telemetry and sampling, which a person may have changed.
 */
function sameWishes(a: Assignment, b: Assignment): boolean {
  const contentOf = ({ models, settings }: Assignment) =>
    JSON.stringify([
      (settings ?? []).map(({ name, version, values }) => [
        name,
        version,
        values.map(({ key, value }) => [key, value]),
      ]),
      models.map(({ model, version, package: digest, packageSize, rollout, soak, variantOrder, spreadMs, shadow }) => [
        [model, version, digest, packageSize, rollout ?? ""],
        [soak.durationMs, soak.minInferences, soak.deadlineMs, soak.maxErrorShare],
        variantOrder,
        spreadMs ?? 0,
        shadow?.share ?? 0,
      ]),
    ]);
  return contentOf(a) === contentOf(b);
}

function sameMeasuring(a: Assignment, b: Assignment): boolean {
  const contentOf = ({ telemetry, sampling }: Assignment) => JSON.stringify([telemetry.windowMs, sampling ?? null]);
  return contentOf(a) === contentOf(b);
}

function refused(reason: string): AssignmentCheck {
  return { kind: "refused", reason };
}
