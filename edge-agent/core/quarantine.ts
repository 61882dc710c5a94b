import type { Digest, RolloutId } from "../../proto/ids.ts";
import type { QuarantineCause } from "../../proto/messages.ts";

/** What decides whether a model file does well on a device, beside the file itself. */
export interface Surroundings {
  readonly runtime: { readonly name: string; readonly version: string };
  readonly agentVersion: string;
  readonly cpuFlags: readonly string[];
}

/** A variant that did not do on this device: it is not tried again as long as the surroundings are the same. */
export interface Quarantined {
  readonly package: Digest;
  readonly variant: string;
  readonly file: Digest;
  readonly cause: QuarantineCause;
  readonly reason: string;
  /** Who asked for it when it was tried. */
  readonly rollout: RolloutId | undefined;
  readonly where: Surroundings;
}

/** Of one model; the newest stay. */
const mostEntries = 32;

/**
 * Why a file of a package is not to be tried, or undefined when it may be. Wrong outputs follow from the file and its surroundings,
 * so they bar it until one of the two is another. A model that could not be loaded or gave no answer may have lacked memory at
 * that moment: these bar it within the rollout that asked, and the next one may try again.
 */
export function quarantineOf(
  entries: readonly Quarantined[],
  tried: Pick<Quarantined, "package" | "file">,
  here: Surroundings,
  rollout: RolloutId | undefined,
): Quarantined | undefined {
  return entries.find(
    (entry) =>
      entry.package === tried.package &&
      entry.file === tried.file &&
      areSame(entry.where, here) &&
      (entry.cause === "wrong-outputs" || entry.rollout === rollout),
  );
}

/** The entries that still say something about a device in these surroundings. */
export function standingIn(here: Surroundings, entries: readonly Quarantined[]): readonly Quarantined[] {
  return entries.filter(({ where }) => areSame(where, here));
}

/** What was found in other surroundings is forgotten: an update of the agent or of the runtime lifts a quarantine. */
export function withQuarantined(entries: readonly Quarantined[], entry: Quarantined): readonly Quarantined[] {
  const others = standingIn(entry.where, entries).filter(
    (other) => other.package !== entry.package || other.file !== entry.file,
  );
  return [...others, entry].slice(-mostEntries);
}

function areSame(a: Surroundings, b: Surroundings): boolean {
  return (
    a.runtime.name === b.runtime.name &&
    a.runtime.version === b.runtime.version &&
    a.agentVersion === b.agentVersion &&
    a.cpuFlags.length === b.cpuFlags.length &&
    a.cpuFlags.every((flag) => b.cpuFlags.includes(flag))
  );
}
