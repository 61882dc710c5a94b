import type { GraphProto, ModelProto, NodeProto } from "../model.ts";
import { subgraphsOf } from "./attributes.ts";

/**
 * Names for new values and nodes that no value and no node bears anywhere in the model, subgraphs and functions included: a name from
 * an inner scope must not hide the new one, and onnxruntime refuses two nodes of the same name.
 */
export class FreshNames {
  readonly #taken = new Set<string>();

  constructor(model: ModelProto) {
    if (model.graph !== undefined) this.#addGraph(model.graph);
    for (const definition of model.functions) {
      for (const name of [...definition.input, ...definition.output]) this.#taken.add(name);
      for (const node of definition.node) this.#addNode(node);
    }
  }

  /** `wanted`, or `wanted_2`, `wanted_3` … where it is taken. The answer is taken from now on. */
  take(wanted: string): string {
    let name = wanted;
    for (let count = 2; this.#taken.has(name); count++) name = `${wanted}_${count}`;
    this.#taken.add(name);
    return name;
  }

  #addGraph(graph: GraphProto): void {
    for (const value of [...graph.input, ...graph.output, ...graph.valueInfo, ...graph.initializer])
      this.#taken.add(value.name ?? "");
    for (const sparse of graph.sparseInitializer) this.#taken.add(sparse.values?.name ?? "");
    for (const node of graph.node) this.#addNode(node);
  }

  #addNode(node: NodeProto): void {
    this.#taken.add(node.name ?? "");
    for (const name of node.input) this.#taken.add(name);
    for (const name of node.output) this.#taken.add(name);
    for (const body of subgraphsOf(node)) this.#addGraph(body);
  }
}
