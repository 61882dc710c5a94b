import { expect, it } from "vitest";
import { orderFor } from "../../../proto/runtimes.ts";

const variant = (id: string, precision: string, method = "given") => {
  const build = { method, options: {}, from: undefined, calibration: undefined };
  return { id, precision, build };
};
const variants = [
  variant("static", "int8", "static-int8"),
  variant("brought", "int8"),
  variant("weights", "int8 weights", "weights-int8"),
  variant("int4", "int4 weights", "weights-int4"),
  variant("float", "float32"),
];

it.each([
  ["onnxruntime-node", ["static", "brought", "weights", "int4", "float"]],
  ["onnxruntime-web", ["weights", "float", "static", "brought", "int4"]],
])("variants are tried in the publisher's order; %s has %j", (runtime, order) => {
  expect(orderFor(variants, runtime).map(({ id }) => id)).toEqual(order);
});
