import type { ModelProto } from "../model.ts";
import { OnnxFormatError } from "../onnx-format-error.ts";
import { onnxMessage } from "../schema.ts";

/** ONNX names its default domain in two ways. */
export function domainName(domain: string | undefined): string {
  return domain === undefined || domain === "ai.onnx" ? "" : domain;
}

/** The version of the default operator set. Throws OnnxFormatError for a model that names none. */
export function defaultOpset(model: ModelProto): number {
  const version = model.opsetImport.find((set) => domainName(set.domain) === "")?.version;
  if (version === undefined)
    throw new OnnxFormatError("the model does not say which version of ONNX's operators it uses");
  return Number(version);
}

/** The model with the operator set of `domain` imported; a version that it names already stays. */
export function withDomain(model: ModelProto, domain: string, version: number): ModelProto {
  if (model.opsetImport.some((set) => domainName(set.domain) === domainName(domain))) return model;
  return { ...model, opsetImport: [...model.opsetImport, onnxMessage("OperatorSet", { domain, version })] };
}

/** The model with another version of the default operator set; nothing in it is converted. */
export function withDefaultOpset(model: ModelProto, version: number): ModelProto {
  const others = model.opsetImport.filter((set) => domainName(set.domain) !== "");
  return { ...model, opsetImport: [onnxMessage("OperatorSet", { domain: "", version }), ...others] };
}
