import { foldAffine } from "../onnx/graph/fold-affine.ts";
import { fuseHardSwish } from "../onnx/graph/fuse-hard-swish.ts";
import { FreshNames } from "../onnx/graph/fresh-names.ts";
import { hoistConstants, withoutInputsForInitializers } from "../onnx/graph/hoist-constants.ts";
import { joinClips } from "../onnx/graph/join-clips.ts";
import { joinMatMulBias } from "../onnx/graph/join-matmul-bias.ts";
import { defaultOpset } from "../onnx/graph/opsets.ts";
import { pruneUnused } from "../onnx/graph/prune-unused.ts";
import { removeIdentities } from "../onnx/graph/remove-identities.ts";
import type { ModelProto } from "../onnx/model.ts";
import { upgradeOpset } from "../onnx/opset-upgrade.ts";
import { exposeWeights, functionNotes } from "./expose-weights.ts";
import { isWeight } from "./weight-role.ts";
import { QuantizationError } from "./quantization.ts";

/** The first version whose DequantizeLinear knows one scale for each channel. */
const perChannelOpset = 13;

export interface PreparedModel {
  readonly model: ModelProto;
  /** What was done, in words. */
  readonly notes: readonly string[];
  /** The default operator set has QuantizeLinear and DequantizeLinear as they are needed; otherwise Microsoft's are used. */
  readonly hasStandardOperators: boolean;
}

/**
 * The float model in the form that is calibrated and then quantized: constants as initializers, operators of version 13 or newer where
 * the model can be converted, no nodes that only pass on or that only scale a convolution's channels. It computes the same (up to the
 * rounding of folded weights). A prepared model comes out as it went in.
 */
export function prepareForStaticInt8(model: ModelProto): PreparedModel {
  const notes = [...functionNotes(model)];
  const note = (count: number, one: string, many: string): void => {
    if (count > 0) notes.push(count === 1 ? one : `${count} ${many}`);
  };
  const hoisted = hoistConstants(withoutInputsForInitializers(model));
  note(hoisted.count, "a constant became an initializer", "constants became initializers");
  const { model: upgraded, problem } = upgradedIfPossible(hoisted.model);
  const [before, after] = [defaultOpset(model), defaultOpset(upgraded)];
  if (after !== before) notes.push(`converted from version ${before} to version ${after} of ONNX's operators`);
  if (problem !== undefined) notes.push(`Microsoft's QuantizeLinear is used, because ${problem}`);
  const { graph } = upgraded;
  if (graph === undefined) return { model: upgraded, notes, hasStandardOperators: problem === undefined };
  const removed = removeIdentities(graph);
  note(removed.count, "a node that passes its input on was removed", "nodes that pass their input on were removed");
  const exposed = exposeWeights(removed.graph, isWeight);
  note(exposed.count, "a weight is stored as it is used", "weights are stored as they are used");
  const names = new FreshNames({ ...upgraded, graph: exposed.graph });
  const folded = foldAffine(exposed.graph, names);
  note(
    folded.count,
    "a node was folded into the convolution before it",
    "nodes (normalization, bias, scale) were folded into the convolutions before them",
  );
  const clipped = joinClips(folded.graph, names);
  note(
    clipped.count,
    "a Relu or Clip became one with the Clip behind it",
    "Relu and Clip nodes became one with those behind them",
  );
  const swishes = fuseHardSwish(clipped.graph);
  note(swishes.count, "a hard swish in four nodes became one in two", "hard swishes in four nodes became ones in two");
  const gemms = joinMatMulBias({ ...upgraded, graph: swishes.graph }, names);
  note(gemms.count, "a MatMul and its Add became a Gemm", "pairs of MatMul and Add became Gemms");
  const prepared = pruneUnused({ ...upgraded, graph: gemms.model.graph ?? swishes.graph });
  return { model: prepared, notes, hasStandardOperators: problem === undefined };
}

function upgradedIfPossible(model: ModelProto): { readonly model: ModelProto; readonly problem: string | undefined } {
  try {
    return { model: upgradeOpset(model, perChannelOpset), problem: undefined };
  } catch (error) {
    if (!(error instanceof QuantizationError)) throw error;
    return { model, problem: error.message };
  }
}
