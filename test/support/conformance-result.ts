/** What the child that runs ONNX's own test models says of one of them, as a line of JSON. */
export interface ConformanceResult {
  /** Kind and name, as "node/test_abs". */
  readonly model: string;
  /** Decoding and encoding gave the same bytes, of the model and of all its tensors. */
  readonly sameBytes: boolean;
  readonly refusals: readonly string[];
  /** Outputs whose size the shape walk knew, and those for which it said another than they have. */
  readonly shapesKnown: number;
  readonly shapesWrong: readonly string[];
  /** Read through openSamples, without anything against the sample. */
  readonly sampled: boolean;
  readonly ran: { readonly kind: "passed" } | { readonly kind: "different" | "failed"; readonly reason: string };
}

/** The child's last line. */
export const conformanceDone = "done";
