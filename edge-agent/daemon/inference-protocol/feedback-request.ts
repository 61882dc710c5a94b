import { JsonReader } from "../../../proto/json-reader.ts";
import type { Decoded } from "../../../proto/problems.ts";
import { decoded, Problems, undecodable } from "../../../proto/problems.ts";
import type { Truth } from "../../core/feedback.ts";

export interface FeedbackRequest {
  readonly id: string;
  readonly truth: Truth;
}

const rowsAtMost = 4_096;
const labelCharacters = 256;

/**
 * The truth about an answer, an extension of Sedge's own: `{ "id": …, "label": … }` for a classification, `{ "id": …, "value": … }`
 * for a regression, `{ "id": …, "correct": true }` for any model. An answer of several rows takes a list with one for each.
 */
export function readFeedbackRequest(json: unknown): Decoded<FeedbackRequest> {
  const problems = new Problems();
  const root = new JsonReader(json, "", problems);
  const id = root.field("id").text(labelCharacters);
  const [label, value, correct] = [root.field("label"), root.field("value"), root.field("correct")];
  const given = [label, value, correct].filter((one) => !one.absent);
  if (given.length !== 1) problems.add("the feedback", 'needs one of "label", "value" and "correct"');
  const truth: Truth = !label.absent
    ? { kind: "labels", labels: oneOrMany(label).map((one) => one.text(labelCharacters)) }
    : !value.absent
      ? { kind: "values", values: oneOrMany(value).map((one) => one.finite()) }
      : { kind: "verdicts", right: correct.absent ? [] : oneOrMany(correct).map((one) => one.flag()) };
  return problems.any ? undecodable(problems.list) : decoded({ id, truth });
}

function oneOrMany(reader: JsonReader): readonly JsonReader[] {
  return reader.isList ? reader.list(rowsAtMost) : [reader];
}
