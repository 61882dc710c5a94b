import type { Digest } from "../../proto/ids.ts";
import type { AgentState, ModelState, Slot } from "./agent-state.ts";
import type { KnownPackage } from "./package-store.ts";

/** A model that the device has never had. */
export function emptyModel(model: ModelState["model"]): ModelState {
  return { model, active: undefined, candidate: undefined, previous: undefined, failure: undefined, quarantined: [] };
}

/** The slots of a model whose files must stay: active, previous and, from `verified` on, the candidate's. */
export function slotsOf({ active, previous, candidate }: ModelState): readonly Slot[] {
  const coming = candidate === undefined || candidate.stage.kind === "fetching" ? undefined : candidate.stage.slot;
  return [active, previous, coming].filter((slot) => slot !== undefined);
}

/**
 * True when a file that one model's update leaves behind may go at once: no slot has it, and no other update can be counting on it. Which
 * files belong to one that is fetching is not known here.
 */
export function isForNobody(state: AgentState, model: ModelState["model"], file: Digest): boolean {
  return state.models.every(
    (other) =>
      slotsOf(other).every((slot) => slot.file !== file) &&
      (other.model === model || other.candidate?.stage.kind !== "fetching"),
  );
}

/**
 * Files that the device may drop. A slot keeps its model file, its signature, the manifest that the signature names and the golden set
 * that the manifest names; a slot whose package is unknown hides the last two, so then nothing is dropped. Nor while a candidate is being fetched of
 * which it is not known what it is `coming` with: before its manifest is there.
 */
export function garbageIn(
  state: AgentState,
  packages: ReadonlyMap<Digest, KnownPackage>,
  files: readonly Digest[],
  coming: ReadonlyMap<ModelState["model"], ReadonlySet<Digest>> = new Map(),
): readonly Digest[] {
  const kept = new Set<Digest>();
  for (const model of state.models) {
    if (model.candidate?.stage.kind === "fetching") {
      const expected = coming.get(model.model);
      if (expected === undefined) return [];
      for (const file of expected) kept.add(file);
    }
    for (const slot of slotsOf(model)) {
      const known = packages.get(slot.package);
      if (known === undefined) return [];
      kept.add(slot.package).add(known.manifestFile).add(slot.file).add(known.manifest.golden.digest);
    }
  }
  return files.filter((file) => !kept.has(file));
}
