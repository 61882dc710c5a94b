import { createRequire } from "node:module";

/** What models are run with here. Example: "onnxruntime-node 1.30.0". */
export const runtimeName = `onnxruntime-node ${versionOf("onnxruntime-node")}`;

function versionOf(name: string): string {
  const { version } = createRequire(import.meta.url)(`${name}/package.json`) as { version: string };
  return version;
}
