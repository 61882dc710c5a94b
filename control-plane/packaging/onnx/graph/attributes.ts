import type { AttributeProto, NodeProto, TensorProto } from "../model.ts";

const text = new TextDecoder();

export function attributeOf(node: NodeProto, name: string): AttributeProto | undefined {
  return node.attribute.find((attribute) => attribute.name === name);
}

export function intOf<T extends number | undefined>(node: NodeProto, name: string, absent: T): number | T {
  const value = attributeOf(node, name)?.i;
  return value === undefined ? absent : Number(value);
}

export function floatOf<T extends number | undefined>(node: NodeProto, name: string, absent: T): number | T {
  return attributeOf(node, name)?.f ?? absent;
}

export function intsAttributeOf(node: NodeProto, name: string): readonly number[] | undefined {
  return attributeOf(node, name)?.ints.map(Number);
}

export function textOf(node: NodeProto, name: string): string | undefined {
  const bytes = attributeOf(node, name)?.s;
  return bytes === undefined ? undefined : text.decode(bytes);
}

export function tensorOf(node: NodeProto, name: string): TensorProto | undefined {
  return attributeOf(node, name)?.t;
}

export function withoutAttributes(node: NodeProto, names: readonly string[]): NodeProto {
  return { ...node, attribute: node.attribute.filter(({ name }) => !names.includes(name ?? "")) };
}
