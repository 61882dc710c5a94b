import type { NodeProto } from "../model.ts";

/** What people and reports call a node: its name, or its first output where it has none. */
export function nodeKey(node: NodeProto): string {
  return node.name === undefined || node.name === "" ? (node.output[0] ?? "") : node.name;
}
