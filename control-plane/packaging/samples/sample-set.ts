import type { Tensor } from "../../../proto/tensors.ts";

/** What one inference is fed, and what is known of its right answer. */
export interface Sample {
  /** Where it came from, for messages: "test_data_set_3", "row 17 of digits.csv". */
  readonly name: string;
  readonly inputs: readonly Tensor[];
  /** The outputs that came with it (`output_M.pb`). */
  readonly outputs: readonly Tensor[] | undefined;
  /** The right answer, where it is known: a class index or class name, a text. */
  readonly label: number | string | undefined;
}

/** Samples that are read one at a time, so that memory does not grow with their number. The order never changes. */
export interface SampleSet {
  readonly count: number;
  read(index: number): Promise<Sample>;
}

/** Samples cannot be used: every reason found, each with the name or index of the sample. */
export class SamplesError extends Error {
  override readonly name = "SamplesError";
  readonly problems: readonly string[];

  constructor(source: string, problems: readonly string[], options?: ErrorOptions) {
    super(`${source} cannot be used:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`, options);
    this.problems = problems;
  }
}
