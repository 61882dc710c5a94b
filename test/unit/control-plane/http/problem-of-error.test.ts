import { describe, expect, test } from "vitest";
import {
  ConflictError,
  EnrolmentRefusedError,
  InvalidDataError,
  NotFoundError,
} from "../../../../control-plane/application/refusals.ts";
import { problemOfError } from "../../../../control-plane/http/problem-of-error.ts";
import { parseDeviceId } from "../../../../proto/ids.ts";

describe("problemOfError", () => {
  test.each([
    [new NotFoundError("there is no device"), 404, "urn:sedge:problem:not-found"],
    [new ConflictError("it is over"), 409, "urn:sedge:problem:conflict"],
    [new EnrolmentRefusedError("not valid"), 403, "urn:sedge:problem:enrolment-refused"],
  ])("%s", (error, status, type) => {
    expect(problemOfError(error)).toMatchObject({ type, status, detail: error.message });
  });

  test("names every mistake of foreign data", () => {
    const error = new InvalidDataError("the rollout", ["stages: must ascend", "selector: is empty"]);
    expect(problemOfError(error)).toMatchObject({
      status: 422,
      detail: "there are 2 mistakes in the rollout: stages: must ascend; selector: is empty",
      problems: ["stages: must ascend", "selector: is empty"],
    });
  });

  test("an id that cannot be one is a bad request", () => {
    let thrown: unknown;
    try {
      parseDeviceId("../../etc/passwd");
    } catch (error) {
      thrown = error;
    }
    expect(problemOfError(thrown)?.status).toBe(400);
  });

  test("knows nothing of other errors: their words are for the log", () => {
    expect(problemOfError(new TypeError("secret is undefined"))).toBeUndefined();
  });
});
