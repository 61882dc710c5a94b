import { nodeKey } from "../onnx/graph/node-key.ts";
import type { NodeProto } from "../onnx/model.ts";
import type { KeptPart, QuantizationReport, QuantizedPart } from "./quantization.ts";

/** Collects a quantization report while the graph is rewritten: one entry for each node, in the order in which they were met. */
export class ReportParts {
  readonly #quantized = new Map<string, QuantizedPart>();
  readonly #kept = new Map<string, KeptPart>();
  readonly #notes: string[] = [];

  quantized(node: NodeProto, weight: string): void {
    const key = nodeKey(node);
    const weights = [...new Set([...(this.#quantized.get(key)?.weights ?? []), weight])];
    this.#quantized.set(key, { node: key, operator: node.opType ?? "", weights });
  }

  kept(node: NodeProto, reason: string): void {
    const key = nodeKey(node);
    this.#kept.set(`${key}\n${reason}`, { node: key, operator: node.opType ?? "", reason });
  }

  note(text: string): void {
    this.#notes.push(text);
  }

  report(): QuantizationReport {
    const nothing =
      this.#quantized.size === 0 ? ["nothing was quantized: the model is as large and as fast as before"] : [];
    return {
      quantized: [...this.#quantized.values()],
      kept: [...this.#kept.values()],
      notes: [...nothing, ...this.#notes],
    };
  }
}
