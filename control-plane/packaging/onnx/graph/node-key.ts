import type { NodeProto } from "../model.ts";

/** What reports and lists of exclusions call a node: its name, or its first output where it has none. */
export function nodeKey(node: NodeProto): string {
  if (node.name !== undefined && node.name !== "") return node.name;
  return node.output.find((output) => output !== "") ?? "";
}
