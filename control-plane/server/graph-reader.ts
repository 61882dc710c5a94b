import type { ArtifactStore } from "../application/ports.ts";
import type { ReadGraph } from "../application/version-comparisons.ts";
import { operatorCounts } from "../packaging/comparison/compare-graphs.ts";
import { inspectModel } from "../packaging/onnx/inspect.ts";

/** Packaging, as the comparison of versions needs it. */
export function graphReader(artifacts: Pick<ArtifactStore, "readRange">): ReadGraph {
  return async ({ digest, size }) => {
    const bytes = await artifacts.readRange(digest, 0, size);
    if (bytes === undefined) throw new Error(`the file ${digest} of a stored version is gone: restore the artifacts`);
    const inspection = inspectModel(bytes);
    const { nodes, parameters, opset } = inspection;
    return { nodes, parameters, opset, operators: operatorCounts(inspection) };
  };
}
