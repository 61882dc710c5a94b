import { defaultOpset, withDomain } from "../onnx/graph/opsets.ts";
import { pruneUnused } from "../onnx/graph/prune-unused.ts";
import type { ModelProto } from "../onnx/model.ts";
import type { ActivationRanges, QuantizationOptions, QuantizedModel } from "./quantization.ts";
import { planStaticInt8 } from "./static-int8-plan.ts";
import { hasBiasToCorrect } from "./bias-correction.ts";
import { prepareForStaticInt8 } from "./static-int8-prepare.ts";
import { StaticRewrite } from "./static-int8-rewrite.ts";

/** Microsoft's domain has the two operators as well, whatever version the default operator set has. */
const microsoft = "com.microsoft";

export interface ToCalibrate {
  /** The float model whose values are observed. */
  readonly model: ModelProto;
  /** The values whose ranges `staticInt8` will ask for, in the order in which they are computed. */
  readonly values: readonly string[];
  /** Those of them whose channels' means it will ask for. */
  readonly means: readonly string[];
}

/**
 * What has to be observed before a model can be quantized. The values are the same whatever nodes are excluded later, so one
 * calibration serves a search for the best list of exclusions.
 */
export function activationsToCalibrate(model: ModelProto): ToCalibrate {
  const prepared = prepareForStaticInt8(model);
  const { graph } = prepared.model;
  if (graph === undefined) return { model: prepared.model, values: [], means: [] };
  const plan = planStaticInt8(graph, new Set(), undefined);
  const means = new Set(
    [...plan.nodes].filter(hasBiasToCorrect).flatMap(({ input: [x] }) => (x === undefined ? [] : [x])),
  );
  const sources = new Set([...plan.values].map(plan.rangeSourceOf));
  const order = [...graph.input.map((input) => input.name ?? ""), ...graph.node.flatMap((node) => node.output)];
  const values = order.filter(
    (value) => means.has(value) || (sources.has(value) && plan.limitsOf(value).known === undefined),
  );
  return { model: prepared.model, values, means: [...means] };
}

/**
 * Static int8: activations uint8 with a zero point, weights symmetric int8 with a scale for each channel, biases int32, all as QDQ pairs
 * that onnxruntime turns into integer kernels (QLinearConv, QLinearMatMul, QGemm and what stands between them).
 *
 * `ranges` are those of the values that `activationsToCalibrate` named; a node with a value that has none stays float, and the report
 * says so. Throws QuantizationError for ranges and weights that are not finite.
 */
export function staticInt8(model: ModelProto, options: QuantizationOptions, ranges: ActivationRanges): QuantizedModel {
  const prepared = prepareForStaticInt8(model);
  const { graph } = prepared.model;
  if (graph === undefined) return { model, report: { quantized: [], kept: [], notes: [nothingQuantized] } };
  const plan = planStaticInt8(graph, new Set(options.exclude), (value) => ranges.has(value));
  const domain = prepared.hasStandardOperators && defaultOpset(prepared.model) >= 13 ? "" : microsoft;
  const rewrite = new StaticRewrite(prepared.model, graph, plan, ranges, options, domain);
  const quantizedGraph = rewrite.graph();
  const { quantized } = rewrite;
  const notes = [
    ...(quantized.length === 0 ? [nothingQuantized] : []),
    ...prepared.notes,
    ...absorbedNote(plan.absorbed.size),
  ];
  const result = pruneUnused({ ...prepared.model, graph: quantizedGraph });
  return {
    model: domain === "" || quantized.length === 0 ? result : withDomain(result, domain, 1),
    report: { quantized, kept: plan.kept, notes },
  };
}

const nothingQuantized = "NOTHING WAS QUANTIZED: the model is as large and as slow as before";

function absorbedNote(count: number): readonly string[] {
  return count === 0 ? [] : [`${count} Relu and Clip nodes are done by the range of the node before them`];
}
