import { register } from "node:module";

// With `--import` of this file Node finds no onnxruntime-node, as on a machine for which there is none.
const hooks = `
export async function resolve(specifier, context, next) {
  if (specifier === "onnxruntime-node")
    throw Object.assign(new Error("Cannot find package 'onnxruntime-node'"), { code: "ERR_MODULE_NOT_FOUND" });
  return next(specifier, context);
}`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
