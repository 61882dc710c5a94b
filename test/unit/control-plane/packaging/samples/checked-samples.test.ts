import { describe, expect, it } from "vitest";
import { noProgress } from "../../../../../control-plane/packaging/progress.ts";
import { checkSamples } from "../../../../../control-plane/packaging/samples/checked-samples.ts";
import type { SampleSet } from "../../../../../control-plane/packaging/samples/sample-set.ts";
import { SamplesError } from "../../../../../control-plane/packaging/samples/sample-set.ts";
import { tensorOf } from "../../../../../control-plane/packaging/tensor-of.ts";
import type { TensorSpec } from "../../../../../proto/manifest.ts";

const inputs: readonly TensorSpec[] = [{ name: "x", dataType: "float32", shape: [1, 2] }];
const good = [1, 2];
const signal = new AbortController().signal;

/** Rows of x; an error is thrown when it is read. */
function samplesOf(rows: readonly (readonly number[] | Error)[]): SampleSet {
  return {
    count: rows.length,
    read(i) {
      const row = rows[i] as readonly number[] | Error;
      if (row instanceof Error) return Promise.reject(row);
      const tensor = tensorOf("x", "float32", [1, row.length], row);
      return Promise.resolve({ name: `row ${i} of t.csv`, inputs: [tensor], outputs: undefined, label: undefined });
    },
  };
}

function check(rows: readonly (readonly number[] | Error)[]): Promise<void> {
  return checkSamples("t.csv", samplesOf(rows), inputs, noProgress, signal);
}

async function problemsOf(rows: readonly (readonly number[] | Error)[]): Promise<readonly string[]> {
  const error: unknown = await check(rows).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(SamplesError);
  expect((error as SamplesError).message).toMatch(/^t\.csv cannot be used:\n/);
  return (error as SamplesError).problems;
}

describe("checking samples", () => {
  it("lets pass what fits", async () => {
    await expect(check([good, [3, 4]])).resolves.toBeUndefined();
  });

  it("refuses a set without samples", async () => {
    expect(await problemsOf([])).toEqual(["there is no sample"]);
  });

  it("names every sample that does not fit, with its index and where it came from", async () => {
    expect(await problemsOf([good, [1, 2, 3], good, [1, Number.NaN]])).toEqual([
      'sample 1 (row 1 of t.csv): input "x" has the shape [1, 3]; the model takes [1, 2]',
      'sample 3 (row 3 of t.csv): input "x" holds NaN at element 1',
    ]);
  });

  it("goes on behind a sample that cannot be read", async () => {
    const unreadable = new SamplesError("t.csv", ["row 0: two columns are missing"]);
    expect(await problemsOf([unreadable, [Infinity, 1]])).toEqual([
      "row 0: two columns are missing",
      'sample 1 (row 1 of t.csv): input "x" holds Infinity at element 0',
    ]);
  });

  it.each([
    [20, undefined],
    [21, "and one more sample"],
    [27, "and 7 more samples"],
  ])("of %i wrong samples tells 20, and counts the others", async (count, more) => {
    const problems = await problemsOf(Array.from({ length: count }, () => [1]));
    expect(problems.slice(20)).toEqual(more === undefined ? [] : [more]);
    expect(problems[19]).toMatch(/^sample 19 /);
  });

  it("passes on what has nothing to do with samples", async () => {
    await expect(check([new RangeError("a disk failed")])).rejects.toThrow(RangeError);
  });

  it("reports how far it is, and ends when its user stops waiting", async () => {
    const told: string[] = [];
    const stop = new AbortController();
    const progress = {
      begin: (label: string, total: number) => told.push(`${label}, ${total}`),
      advance: (done: number) => {
        told.push(String(done));
        if (done === 2) stop.abort(new Error("Ctrl-C"));
      },
      end: () => told.push("end"),
    };
    const rows = [good, good, good];
    await expect(checkSamples("t.csv", samplesOf(rows), inputs, progress, stop.signal)).rejects.toThrow("Ctrl-C");
    expect(told).toEqual(["checking samples, 3", "1", "2", "end"]);
  });
});
