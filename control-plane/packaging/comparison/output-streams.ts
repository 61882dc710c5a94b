import type { StreamDistance } from "../../domain/version-comparison/stream-distance.ts";
import { streamDistances } from "../../domain/version-comparison/stream-distance.ts";
import type { Tensor } from "../../../proto/tensors.ts";
import type { StreamDefinition, StreamSource } from "../../../proto/streams.ts";
import { rowsOf, streamDefinitions, streamValues } from "../../../proto/streams.ts";
import { tensorValues } from "../../../proto/tensor-value.ts";
import type { StreamRow } from "../reference-profile.ts";
import { referenceProfile } from "../reference-profile.ts";

/** Of a stream whose bins follow from the answers of A. */
const bins = 10;

/** The distributions of what two models answer to the same samples, each read as its manifest says. */
export class OutputStreams {
  readonly #a: Side;
  readonly #b: Side;

  constructor(a: StreamSource, b: StreamSource) {
    this.#a = new Side(a);
    this.#b = new Side(b);
  }

  add(inputs: readonly Tensor[], ofA: readonly Tensor[], ofB: readonly Tensor[]): void {
    this.#a.add(inputs, ofA);
    this.#b.add(inputs, ofB);
  }

  /** B is counted in the bins of A. */
  result(): readonly StreamDistance[] {
    const a = referenceProfile(this.#a.definitions, this.#a.rows, bins).streams;
    const definitions = this.#b.definitions.map((definition): StreamDefinition => {
      const same = a.find(({ name }) => name === definition.name);
      return definition.kind === "numeric" && same?.kind === "numeric"
        ? { ...definition, fixedEdges: same.edges }
        : definition;
    });
    return streamDistances(a, referenceProfile(definitions, this.#b.rows, bins).streams);
  }
}

class Side {
  readonly #source: StreamSource;
  readonly definitions: readonly StreamDefinition[];
  readonly rows: StreamRow[] = [];

  constructor(source: StreamSource) {
    // The inputs are the same samples for both.
    this.#source = { ...source, features: [] };
    this.definitions = streamDefinitions(this.#source);
  }

  add(inputs: readonly Tensor[], outputs: readonly Tensor[]): void {
    const [fed, given] = [tensorValues(inputs), tensorValues(outputs)];
    const rows = rowsOf(this.#source.inputs, fed);
    for (let row = 0; row < rows; row++) this.rows.push(streamValues(this.#source, fed, given, row, rows));
  }
}
