import type { Manifest, TensorSpec } from "../../../proto/manifest.ts";
import type { Problems } from "../../../proto/problems.ts";
import { inspectOrNote, tensorSpec } from "../variant-file.ts";

/** Notes why a variant's model may not go to a fleet, and where its inputs and outputs are not those of the manifest. */
export function checkGraph(
  manifest: Pick<Manifest, "inputs" | "outputs">,
  bytes: Uint8Array,
  path: string,
  problems: Problems,
): void {
  const inspection = inspectOrNote(bytes, path, problems);
  if (inspection === undefined) return;
  checkTensors(inspection.inputs.map(tensorSpec), manifest.inputs, `${path}.inputs`, problems);
  checkTensors(inspection.outputs.map(tensorSpec), manifest.outputs, `${path}.outputs`, problems);
}

function checkTensors(
  found: readonly TensorSpec[],
  promised: readonly TensorSpec[],
  path: string,
  problems: Problems,
): void {
  for (const tensor of promised) {
    const actual = found.find(({ name }) => name === tensor.name);
    if (actual === undefined) problems.add(path, `the model has no "${tensor.name}"`);
    else if (actual.dataType !== tensor.dataType || !sameShape(actual.shape, tensor.shape))
      problems.add(
        path,
        `"${tensor.name}" is ${actual.dataType}[${actual.shape.join(", ")}] in the model and ${tensor.dataType}[${tensor.shape.join(", ")}] in the manifest`,
      );
  }
  for (const { name } of found)
    if (!promised.some((tensor) => tensor.name === name)) problems.add(path, `the manifest does not name "${name}"`);
}

/** Variants may name their free dimensions otherwise. */
function sameShape(a: TensorSpec["shape"], b: TensorSpec["shape"]): boolean {
  return (
    a.length === b.length &&
    a.every((size, i) => size === b[i] || (typeof size === "string" && typeof b[i] === "string"))
  );
}
