import { nodeKey } from "../onnx/graph/node-key.ts";
import { allGraphs } from "../onnx/graph/map-graphs.ts";
import type { ModelProto } from "../onnx/model.ts";
import { QuantizationError } from "./quantization.ts";

const mostSuggestions = 3;

/**
 * Throws QuantizationError where a list of exclusions names nodes that the model does not have, with the names that come nearest:
 * a misspelt exclusion would otherwise be a node that is quantized after all.
 */
export function checkExclusions(model: ModelProto, exclude: readonly string[]): void {
  if (exclude.length === 0 || model.graph === undefined) return;
  const known = new Set([...allGraphs(model.graph)].flatMap((graph) => graph.node.map(nodeKey)));
  const unknown = exclude.filter((name) => !known.has(name));
  if (unknown.length === 0) return;
  const problems = unknown.map((name) => `no node is called "${name}"${suggestion(name, [...known])}`);
  throw new QuantizationError(`the list of exclusions cannot be followed: ${problems.join("; ")}`);
}

function suggestion(name: string, known: readonly string[]): string {
  const near = nearNames(name, known).map((one) => `"${one}"`);
  return near.length === 0 ? "" : ` (near it: ${near.join(", ")})`;
}

/** Of the known names those that hold the wanted one, and those that a few changed letters make of it: at most three, the nearest first. */
export function nearNames(wanted: string, known: readonly string[]): readonly string[] {
  const most = Math.max(2, Math.floor(wanted.length / 4));
  const lower = wanted.toLowerCase();
  const distance = (name: string): number => {
    const other = name.toLowerCase();
    // A part of a path, such as "fc1" of "/head/fc1/MatMul", is as near as one changed letter.
    if (lower !== "" && other.includes(lower)) return 1;
    return Math.abs(other.length - lower.length) > most ? Infinity : changedLetters(lower, other);
  };
  return known
    .map((name) => ({ name, distance: distance(name) }))
    .filter((one) => one.distance <= most)
    .toSorted((a, b) => a.distance - b.distance || a.name.length - b.name.length || (a.name < b.name ? -1 : 1))
    .slice(0, mostSuggestions)
    .map((one) => one.name);
}

/** Letters to insert, delete or replace (Levenshtein 1965), row by row. */
function changedLetters(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
