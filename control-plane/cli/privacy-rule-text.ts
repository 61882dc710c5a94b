import type { PrivacyRule, PrivacyTreatment } from "../../proto/assignment-messages.ts";
import { placeOf } from "../domain/sampling-settings.ts";
import { usageError } from "./exit-codes.ts";

const grammar = "TENSOR=keep, drop, hash, round:STEP, bin:EDGE,EDGE,… or blur:RADIUS; TENSOR[COLUMN]=… for one column";

/** Example: "person[3]=round:0.5" is the rule for the fourth column of the input "person". Names may hold "=" and brackets too. */
export function readPrivacyRule(text: string): PrivacyRule {
  const equals = text.lastIndexOf("=");
  const place = equals < 1 ? undefined : /^(.+?)(?:\[(\d+)\])?$/.exec(text.slice(0, equals));
  const treatment = readTreatment(text.slice(equals + 1));
  if (place === null || place === undefined || treatment === undefined)
    throw usageError(`"${text}" is no rule: write ${grammar}`);
  const [, tensor, column] = place;
  return { tensor: tensor as string, ...(column !== undefined && { column: Number(column) }), ...treatment };
}

function readTreatment(text: string): PrivacyTreatment | undefined {
  const [kind = "", argument, ...more] = text.split(":");
  if (more.length > 0) return undefined;
  const numbers = argument?.split(",").map((number) => (number.trim() === "" ? Number.NaN : Number(number)));
  switch (kind) {
    case "keep":
    case "drop":
    case "hash":
      return argument === undefined ? { kind } : undefined;
    case "bin":
      return numbers === undefined || numbers.some(Number.isNaN) ? undefined : { kind, edges: numbers };
    case "round":
      return isOneNumber(numbers) ? { kind, step: numbers[0] } : undefined;
    case "blur":
      return isOneNumber(numbers) ? { kind, radius: numbers[0] } : undefined;
    default:
      return undefined;
  }
}

function isOneNumber(numbers: readonly number[] | undefined): numbers is readonly [number] {
  return numbers?.length === 1 && !Number.isNaN(numbers[0]);
}

/** As it is written on the command line. */
export function formatPrivacyRule(rule: PrivacyRule): string {
  return `${placeOf(rule)}=${formatTreatment(rule)}`;
}

function formatTreatment(rule: PrivacyTreatment): string {
  switch (rule.kind) {
    case "keep":
    case "drop":
    case "hash":
      return rule.kind;
    case "round":
      return `round:${rule.step}`;
    case "bin":
      return `bin:${rule.edges.join(",")}`;
    case "blur":
      return `blur:${rule.radius}`;
  }
}
