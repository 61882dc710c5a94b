import type { sedge } from "../generated/sedge.js";
import { limits } from "../limits.ts";
import type { LogLine } from "../telemetry-messages.ts";
import { logLevels } from "../telemetry-messages.ts";
import type { Problems } from "../problems.ts";
import { nameOfNumber, numberOfName, textField } from "./narrow.ts";

export function rawLogLine({ level, sentence, fields, leftOut }: LogLine): sedge.v1.LogLine.$Properties {
  return { level: numberOfName(logLevels, level), sentence, fields: [...fields], left_out: leftOut };
}

export function narrowLogLine(raw: sedge.v1.LogLine.$Properties, path: string, problems: Problems): LogLine {
  const fields = raw.fields ?? [];
  if (fields.length > limits.logFields)
    problems.add(`${path}.fields`, `${fields.length} are more than ${limits.logFields}`);
  return {
    kind: "log",
    level: nameOfNumber(problems, `${path}.level`, logLevels, raw.level),
    sentence: textField(problems, `${path}.sentence`, raw.sentence, limits.logSentenceCharacters),
    fields: fields.slice(0, limits.logFields).map((field, i) => ({
      name: textField(problems, `${path}.fields[${i}].name`, field.name, 64),
      value: textField(problems, `${path}.fields[${i}].value`, field.value, limits.logFieldCharacters),
    })),
    leftOut: raw.left_out ?? 0,
  };
}
