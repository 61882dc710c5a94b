import type { ModelProto } from "../../control-plane/packaging/onnx/model.ts";

/** Numbers at the edges of what shapes, axes and versions can be. */
const edges: readonly (number | bigint)[] = [
  0,
  1,
  -1,
  2,
  -2,
  64,
  65,
  1e6,
  1e9,
  2 ** 31,
  -(2 ** 31),
  2 ** 53 - 1,
  -(2 ** 53),
  2n ** 63n - 1n,
  -(2n ** 63n),
];

/**
 * The model with about `share` of its numbers, names and bytes changed, and of its parts left out or doubled: well-formed as a
 * message, and often nonsense as a model. `random` gives numbers from 0 to below 1.
 */
export function changedModel(model: ModelProto, share: number, random: () => number): ModelProto {
  const names = model.graph?.node.flatMap(({ input, output }) => [...input, ...output]) ?? [];
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const hit = (): boolean => random() < share;

  function changed(value: unknown): unknown {
    if (typeof value === "number" || typeof value === "bigint") return hit() ? pick(edges) : value;
    if (typeof value === "string") return hit() ? pick([...names, "", "nothing"]) : value;
    if (value instanceof Uint8Array) return hit() ? value.subarray(0, Math.floor(random() * value.length)) : value;
    if (Array.isArray(value)) return changedList(value as readonly unknown[]);
    if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
    // Repeated fields are always there; of the others some are left out.
    const kept = Object.entries(value).filter(([, part]) => isRepeated(part) || random() >= share / 3);
    return Object.fromEntries(kept.map(([name, part]) => [name, changed(part)]));
  }

  function changedList(values: readonly unknown[]): readonly unknown[] {
    const all = values.map(changed);
    if (all.length > 0 && hit()) all.splice(Math.floor(random() * all.length), 1);
    if (all.length > 0 && hit()) all.push(pick(all));
    return all;
  }

  return { ...(changed(model) as ModelProto), ...(model.graph && { graph: changed(model.graph) }) } as ModelProto;
}

function isRepeated(part: unknown): boolean {
  return Array.isArray(part) || (ArrayBuffer.isView(part) && !(part instanceof Uint8Array));
}
