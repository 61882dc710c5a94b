import type { ModelProto } from "../model.ts";
import { allGraphs } from "./map-graphs.ts";

/**
 * Hands out names that nothing in the model bears: neither a value nor a node, in no graph. A name inside a subgraph that equals one
 * outside would hide it, and onnxruntime refuses two nodes with one name.
 *
 * Example: where "w" and "w_int8" are taken, take("w_int8") gives "w_int8_1".
 */
export class FreshNames {
  readonly #taken = new Set<string>([""]);
  readonly #next = new Map<string, number>();

  constructor(model: ModelProto) {
    if (model.graph === undefined) return;
    for (const graph of allGraphs(model.graph)) {
      for (const { name } of [...graph.initializer, ...graph.input, ...graph.output, ...graph.valueInfo])
        this.#taken.add(name ?? "");
      for (const { values } of graph.sparseInitializer) this.#taken.add(values?.name ?? "");
      for (const node of graph.node) {
        this.#taken.add(node.name ?? "");
        for (const name of [...node.input, ...node.output]) this.#taken.add(name);
      }
    }
  }

  take(wanted: string): string {
    let name = wanted;
    while (this.#taken.has(name)) {
      const number = (this.#next.get(wanted) ?? 0) + 1;
      this.#next.set(wanted, number);
      name = `${wanted}_${number}`;
    }
    this.#taken.add(name);
    return name;
  }
}
