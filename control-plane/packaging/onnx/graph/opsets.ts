import type { ModelProto } from "../model.ts";
import { onnxMessage } from "../schema.ts";

/** ONNX names its default domain in two ways. */
export function isDefaultDomain(domain: string | undefined): boolean {
  return domain === undefined || domain === "" || domain === "ai.onnx";
}

/** The version of the default operator set; 1 where none is declared, as ONNX had it before operator sets. */
export function defaultOpset(model: ModelProto): number {
  return Number(model.opsetImport.find(({ domain }) => isDefaultDomain(domain))?.version ?? 1);
}

export function withDefaultOpset(model: ModelProto, version: number): ModelProto {
  return {
    ...model,
    opsetImport: model.opsetImport.map((set) => (isDefaultDomain(set.domain) ? { ...set, version } : set)),
  };
}

/** The model with the operator set of another domain imported, unless it is already. */
export function withDomain(model: ModelProto, domain: string, version: number): ModelProto {
  if (model.opsetImport.some((set) => set.domain === domain)) return model;
  return { ...model, opsetImport: [...model.opsetImport, onnxMessage("OperatorSet", { domain, version })] };
}
