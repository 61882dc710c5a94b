import { intsOf } from "./graph/ints-of.ts";
import { subgraphsOf } from "./graph/attributes.ts";
import { nodeKey } from "./graph/node-key.ts";
import type { GraphProto, ModelProto, NodeProto, TensorProto } from "./model.ts";
import { OnnxFormatError } from "./onnx-format-error.ts";

/** What can be said about the loops of a model without running them. */
export interface LoopFindings {
  /** Loops that end never, or only after more turns than any device should make. */
  readonly refusals: readonly string[];
  /** Loops whose end depends on what they compute: only the time limit of an inference holds them. */
  readonly notes: readonly string[];
}

/** More turns of one Loop than this are a mistake or an attack: at a microsecond each they take ten seconds. */
const maxTurns = 10_000_000;

/** Judges every Loop of the model, also those within other bodies. */
export function judgeLoops(model: ModelProto): LoopFindings {
  const refusals: string[] = [];
  const notes: string[] = [];
  const visitNodes = (nodes: readonly NodeProto[], constants: ReadonlyMap<string, TensorProto>): void => {
    for (const node of nodes) {
      if (node.opType === "Loop" && (node.domain ?? "") === "") judgeLoop(node, constants, refusals, notes);
      for (const body of subgraphsOf(node)) visitNodes(body.node, constantsOf(body, constants));
    }
  };
  if (model.graph !== undefined) visitNodes(model.graph.node, constantsOf(model.graph, new Map()));
  for (const definition of model.functions) visitNodes(definition.node, new Map());
  return { refusals, notes };
}

function constantsOf(graph: GraphProto, outer: ReadonlyMap<string, TensorProto>): ReadonlyMap<string, TensorProto> {
  const all = new Map(outer);
  for (const tensor of graph.initializer) all.set(tensor.name ?? "", tensor);
  for (const node of graph.node) {
    const value = node.opType === "Constant" ? node.attribute.find(({ name }) => name === "value")?.t : undefined;
    if (value !== undefined) all.set(node.output[0] ?? "", value);
  }
  return all;
}

/** A Loop has the inputs trip count, condition, and what it carries; its body gives the next condition first (ONNX, Loop). */
function judgeLoop(
  node: NodeProto,
  constants: ReadonlyMap<string, TensorProto>,
  refusals: string[],
  notes: string[],
): void {
  const [count = "", condition = ""] = node.input;
  const name = `Loop "${nodeKey(node)}"`;
  const turns = count === "" ? Infinity : integerOf(constants.get(count));
  const [body] = subgraphsOf(node);
  if (body === undefined) refusals.push(`${name} has no body`);
  else if (turns !== undefined && turns > maxTurns && turns !== Infinity && neverStops(body, condition, constants))
    refusals.push(`${name} makes ${turns} turns, more than ${maxTurns}`);
  else if (turns === Infinity && neverStops(body, condition, constants))
    refusals.push(`${name} never ends: it has no trip count, and its condition stays true`);
  else if (turns === undefined || turns === Infinity)
    notes.push(`how often ${name} turns depends on what it computes; only the time limit of an inference holds it`);
}

/** Whether the body only passes the condition on, or sets it to true, and it was true before. */
function neverStops(body: GraphProto, condition: string, constants: ReadonlyMap<string, TensorProto>): boolean {
  const given = body.input[1]?.name;
  const inner = constantsOf(body, constants);
  let value = body.output[0]?.name ?? "";
  for (let steps = 0; steps <= body.node.length; steps++) {
    if (value === given) return condition === "" || isTrue(constants.get(condition));
    if (inner.has(value)) return isTrue(inner.get(value));
    const maker = body.node.find((node) => node.output.includes(value));
    if (maker?.opType !== "Identity") return false;
    value = maker.input[0] ?? "";
  }
  return false;
}

function isTrue(tensor: TensorProto | undefined): boolean {
  return tensor !== undefined && (tensor.rawData?.[0] ?? Number(tensor.int32Data[0] ?? 0)) === 1;
}

function integerOf(tensor: TensorProto | undefined): number | undefined {
  if (tensor === undefined) return undefined;
  try {
    return intsOf(tensor)[0];
  } catch (error) {
    if (error instanceof OnnxFormatError) return undefined;
    throw error;
  }
}
