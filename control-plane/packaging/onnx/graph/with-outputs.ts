import type { ModelProto } from "../model.ts";
import { onnxMessage } from "../schema.ts";

/**
 * The model with more of its values as outputs, so that they can be observed. They are declared by name only: onnxruntime knows their
 * types, and a wrong declaration would be refused. Values that already are outputs, and graph inputs, are left out.
 */
export function withOutputs(model: ModelProto, names: readonly string[]): ModelProto {
  const { graph } = model;
  if (graph === undefined) return model;
  const known = new Set([...graph.output, ...graph.input].map((value) => value.name));
  const added = [...new Set(names)].filter((name) => !known.has(name));
  const output = [...graph.output, ...added.map((name) => onnxMessage("ValueInfo", { name }))];
  return { ...model, graph: { ...graph, output } };
}
