import type { Tensor } from "../../../proto/tensors.ts";
import { isTensorType } from "./tensor-elements.ts";

// What the programs of all workers do with a session: the builds of onnxruntime share their interface.

/** As onnxruntime hands it out. */
interface RuntimeTensor {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: unknown;
}

/** Throws where the model lacks an output that the manifest promises. */
export function requireOutputs(session: { readonly outputNames: readonly string[] }, wanted: readonly string[]): void {
  const missing = wanted.filter((name) => !session.outputNames.includes(name));
  if (missing.length > 0) throw new Error(`the model has no output ${missing.join(", ")}`);
}

/** Throws for an output that is no tensor of numbers. The bytes are the runtime's own: they may change with its next run. */
export function outputTensors(names: readonly string[], results: object): readonly Tensor[] {
  return names.map((name) => {
    const { type, data, dims } = (results as Record<string, RuntimeTensor>)[name] as RuntimeTensor;
    if (!isTensorType(type) || !ArrayBuffer.isView(data)) throw new Error(`output "${name}" has the type ${type}`);
    return { name, dataType: type, dims, rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
  });
}

export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
