import type { MiddlewareHandler } from "hono";
import type { z } from "zod";
import { textOfBytes } from "../../proto/bytes.ts";
import { kibibytes } from "../../proto/units.ts";
import { wholeBody } from "./body-checks.ts";
import { HttpProblemError, problemOf } from "./problem.ts";

/** No request of ours comes near it. */
const jsonBytes = kibibytes(64);

/** The type of a route with a JSON body, so that typed clients know what to send. */
type JsonInput<Schema extends z.ZodType> = {
  in: { json: z.input<Schema> };
  out: { json: z.output<Schema> };
};

/** Reads the body as JSON in the shape of `schema`; the handler takes it by `c.req.valid("json")`. Every mistake is named. */
export function jsonBody<Schema extends z.ZodType>(
  schema: Schema,
): MiddlewareHandler<object, string, JsonInput<Schema>> {
  return async (c, next) => {
    const type = c.req.header("content-type") ?? "";
    if (!/^application\/(?:[\w.-]+\+)?json(?:\s*;|$)/i.test(type))
      throw new HttpProblemError(
        problemOf(
          "unsupported-media-type",
          `send application/json, not ${type === "" ? "a body without a type" : type}`,
        ),
      );
    const parsed = schema.safeParse(parseJson(textOfBytes(await wholeBody(c, jsonBytes))));
    if (!parsed.success)
      throw new HttpProblemError(
        problemOf("invalid-data", "the body has mistakes", parsed.error.issues.flatMap(describeIssue)),
      );
    c.req.addValidatedData("json", parsed.data as object);
    await next();
  };
}

function parseJson(text: string | undefined): unknown {
  if (text === undefined) throw new HttpProblemError(problemOf("bad-request", "the body is not UTF-8 text"));
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new HttpProblemError(problemOf("bad-request", `the body is not JSON: ${(error as SyntaxError).message}`));
  }
}

/** Example: `stages[0].percent: Too big: expected number to be <=100`. What is wrong with a key is told one by one. */
function describeIssue(issue: z.core.$ZodIssue): readonly string[] {
  const path = issue.path
    .map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`))
    .join("")
    .replace(/^\./, "");
  const messages = issue.code === "invalid_key" ? issue.issues.map(({ message }) => message) : [issue.message];
  return messages.map((message) => `${path === "" ? "body" : path}: ${message}`);
}
