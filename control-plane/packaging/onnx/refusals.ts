import { limits } from "../../../proto/limits.ts";
import { tensorTypes } from "../../../proto/tensors.ts";
import type { InspectedTensor, ModelInspection } from "./inspect.ts";

/** onnxruntime needs seconds to load graphs of 100,000 nodes; the largest networks in use have a few thousand. */
const maxNodes = 20_000;
/** Bodies of If and Loop inside each other. */
const maxSubgraphDepth = 8;
const shownTensors = 8;
const knownDomains: readonly string[] = ["", "ai.onnx.ml", "com.microsoft"];
/** What onnxruntime 1.30 knows: newer files would be refused on every device. */
const maxIrVersion = 13;
const maxOpset = 26;

/** Every reason why a fleet must not get this model; empty when there is none. A model that passes has still to be run once. */
export function refusals(model: ModelInspection): readonly string[] {
  return [
    ...sizeRefusals(model),
    ...versionRefusals(model),
    ...(model.inputs.length === 0 ? ["the graph has no inputs"] : []),
    ...(model.outputs.length === 0 ? ["the graph has no outputs"] : []),
    ...model.inputs.flatMap((input) => inputRefusals(input, model)),
    ...model.outputs.flatMap((output) => dataTypeRefusals(output, "output", model)),
    ...domainRefusals(model),
    ...externalRefusals(model),
    ...damageRefusals(model),
    ...model.graphProblems,
    ...model.memory.oversized,
  ];
}

function sizeRefusals(model: ModelInspection): readonly string[] {
  const reasons: string[] = [];
  if (model.bytes > limits.variantBytes)
    reasons.push(`the file has ${model.bytes} bytes, more than the ${limits.variantBytes} of one protobuf message`);
  if (model.nodes === 0) reasons.push("the graph has no nodes");
  if (model.nodes > maxNodes) reasons.push(`the graph has ${model.nodes} nodes, more than ${maxNodes}`);
  if (model.subgraphDepth > maxSubgraphDepth)
    reasons.push(`graphs are nested ${model.subgraphDepth} deep, more than ${maxSubgraphDepth}`);
  return reasons;
}

function versionRefusals({ irVersion, opset }: ModelInspection): readonly string[] {
  const reasons: string[] = [];
  if (irVersion === undefined) reasons.push("no IR version is declared");
  else if (irVersion > maxIrVersion || irVersion < 3)
    reasons.push(`IR version ${irVersion} is not one of 3 to ${maxIrVersion}; export the model for an older ONNX`);
  if (opset === undefined) reasons.push("no default operator set is declared");
  else if (opset < 1 || opset > maxOpset) reasons.push(`operator set ${opset} is not one of 1 to ${maxOpset}`);
  return reasons;
}

function inputRefusals(input: InspectedTensor, model: ModelInspection): readonly string[] {
  // An input of unknown rank lets a quantized convolution abort the whole process when it meets a value of lower rank.
  if (input.shape === undefined)
    return [
      ...dataTypeRefusals(input, "input", model),
      `input "${input.name}" declares no shape; export the model with one`,
    ];
  const wrong = input.shape.filter((size) => typeof size === "number" && !(Number.isSafeInteger(size) && size >= 0));
  return [
    ...dataTypeRefusals(input, "input", model),
    ...wrong.map((size) => `input "${input.name}" has the impossible dimension ${size}`),
  ];
}

function dataTypeRefusals(
  { name, dataType }: InspectedTensor,
  role: "input" | "output",
  model: ModelInspection,
): readonly string[] {
  if (dataType !== undefined && Object.hasOwn(tensorTypes, dataType)) return [];
  const carried = Object.keys(tensorTypes).join(", ");
  return [
    `${role} "${name}" has the element type ${dataType ?? "unknown"}; Sedge carries ${carried}${typeAdvice(dataType, model)}`,
  ];
}

/** How exporters are told to give types that can be carried. */
function typeAdvice(dataType: string | undefined, { operators }: ModelInspection): string {
  if (dataType === "bfloat16")
    return " (when a model is converted: keep_io_types=True leaves its inputs and outputs in float32)";
  return dataType === undefined && operators.some(({ operator }) => operator === "ZipMap")
    ? " (ZipMap gives a list of maps; skl2onnx leaves it out with options={'zipmap': False})"
    : "";
}

function domainRefusals(model: ModelInspection): readonly string[] {
  return model.domains
    .filter(({ domain, defined }) => !knownDomains.includes(domain) && !defined)
    .filter(({ domain }) => model.operators.some((operator) => operator.domain === domain))
    .map(({ domain }) => `operators of the domain "${domain}" are not part of onnxruntime`);
}

function damageRefusals({ damagedTensors }: ModelInspection): readonly string[] {
  const shown = damagedTensors.slice(0, shownTensors).map((damage) => `tensor ${damage}`);
  const rest = damagedTensors.length - shown.length;
  return rest > 0 ? [...shown, `and ${rest} more such tensors`] : shown;
}

function externalRefusals({ externalTensors }: ModelInspection): readonly string[] {
  const [first] = externalTensors;
  if (first === undefined) return [];
  const more = externalTensors.length > 1 ? ` and ${externalTensors.length - 1} more` : "";
  return [`the data of tensor "${first}"${more} lies in another file; save the model as one file`];
}
