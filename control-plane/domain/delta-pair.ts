import type { Digest, ModelName } from "../../proto/ids.ts";
import type { ModelReport } from "../../proto/messages.ts";
import type { ModelVersionRecord } from "./model-version.ts";

/**
 * Whether a device has a use for the delta that makes `target` out of `base`: `target` is a variant of a version that it is assigned, and
 * `base` the variant that a slot of the same model holds by its own report. Deltas are made for such pairs only, so a device cannot keep
 * the control plane busy with pairs that it makes up. `versions` are those that the assignment and the report name.
 */
export function isDeltaPair(
  base: Digest,
  target: Digest,
  assigned: readonly { readonly model: ModelName; readonly package: Digest }[],
  reported: readonly ModelReport[],
  versions: readonly ModelVersionRecord[],
): boolean {
  const versionOf = (name: Digest) => versions.find((version) => version.package === name);
  const wanted = assigned.find(({ package: name }) =>
    versionOf(name)?.manifest.variants.some(({ file }) => file.digest === target),
  );
  const report = reported.find(({ model }) => model === wanted?.model);
  return [report?.active, report?.previous].some(
    (slot) =>
      slot !== undefined &&
      versionOf(slot.package)?.manifest.variants.some(({ id, file }) => id === slot.variant && file.digest === base),
  );
}
