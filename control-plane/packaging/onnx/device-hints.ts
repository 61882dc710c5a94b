import type { ModelInspection } from "./inspect.ts";

/** In which way a model computes with small numbers; undefined for a float model. */
export function quantizationOf({
  operators,
  weights,
}: Pick<ModelInspection, "operators" | "weights">): string | undefined {
  const has = (...names: readonly string[]): boolean => operators.some(({ operator }) => names.includes(operator));
  const bytesOf = (...types: readonly (string | undefined)[]): number =>
    weights.filter(({ dataType }) => types.includes(dataType)).reduce((sum, { bytes }) => sum + bytes, 0);
  const forms = [
    ...(has("QLinearConv", "QLinearMatMul", "QGemm") ? ["int8 throughout (QLinear operators)"] : []),
    ...(has("QuantizeLinear") ? ["static int8 (QuantizeLinear and DequantizeLinear)"] : []),
    ...(has("DynamicQuantizeLinear", "DynamicQuantizeMatMul", "DynamicQuantizeLSTM")
      ? ["dynamic int8 (activation ranges found as it runs)"]
      : []),
    ...(has("MatMulNBits") ? ["weights in 4 bits (MatMulNBits)"] : []),
  ];
  if (forms.length > 0) return forms.join(" and ");
  const float = bytesOf("float32", "float64");
  // Shapes and indices are integers in float models too, but never most of the bytes.
  if (bytesOf("int8", "uint8") > float) return "weights in int8, computing in float";
  if (bytesOf("float16", "bfloat16") > float) return "weights in 16-bit floats";
  return undefined;
}

/** Which devices could run the model, and run it well, as far as the file tells. */
export function deviceHints(model: ModelInspection): readonly string[] {
  const contributed = model.operators.filter(({ domain }) => domain === "com.microsoft");
  const integers = model.operators.some(({ operator }) =>
    /^QLinear|^QGemm|QuantizeLinear$|^MatMulInteger|^ConvInteger/.test(operator),
  );
  return [
    contributed.length === 0
      ? "runs on every runtime that knows these operator sets"
      : `runs on onnxruntime only: ${contributed.map(({ operator }) => operator).join(", ")} are its own`,
    ...(integers
      ? [
          "int8 is fast on processors with VNNI (x86) or dot-product instructions (ARM); elsewhere it can be slower than float",
        ]
      : []),
    ...(model.operators.some(({ operator }) => operator === "ConvInteger")
      ? ["ConvInteger is slower than a float convolution on most processors"]
      : []),
  ];
}
