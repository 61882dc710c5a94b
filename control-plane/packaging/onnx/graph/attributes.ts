import type { AttributeProto, GraphProto, NodeProto, TensorProto } from "../model.ts";

/** Reading a node's attributes by name. What is absent gives the fallback, or undefined where there is none. */

export function attributeOf(node: NodeProto, name: string): AttributeProto | undefined {
  return node.attribute.find((attribute) => attribute.name === name);
}

export function intOf(node: NodeProto, name: string, fallback: number): number {
  const value = attributeOf(node, name)?.i;
  return value === undefined ? fallback : Number(value);
}

export function floatOf(node: NodeProto, name: string, fallback: number): number {
  return attributeOf(node, name)?.f ?? fallback;
}

export function intListOf(node: NodeProto, name: string): readonly number[] | undefined {
  return attributeOf(node, name)?.ints.map(Number);
}

export function floatListOf(node: NodeProto, name: string): readonly number[] | undefined {
  const floats = attributeOf(node, name)?.floats;
  return floats === undefined ? undefined : Array.from(floats);
}

export function tensorOf(node: NodeProto, name: string): TensorProto | undefined {
  return attributeOf(node, name)?.t;
}

export function textOf(node: NodeProto, name: string, fallback: string): string {
  const bytes = attributeOf(node, name)?.s;
  return bytes === undefined ? fallback : new TextDecoder().decode(bytes);
}

/** The bodies of If, Loop, Scan and SequenceMap, in the order of the attributes. */
export function subgraphsOf(node: NodeProto): readonly GraphProto[] {
  return node.attribute.flatMap((attribute) => [
    ...(attribute.g === undefined ? [] : [attribute.g]),
    ...attribute.graphs,
  ]);
}

/** The node without the attributes of these names. */
export function withoutAttributes(node: NodeProto, ...names: readonly string[]): NodeProto {
  return { ...node, attribute: node.attribute.filter((attribute) => !names.includes(attribute.name ?? "")) };
}
