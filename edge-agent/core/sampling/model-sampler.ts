import { limits } from "../../../proto/limits.ts";
import type { ModelSampling } from "../../../proto/assignment-messages.ts";
import type { SampleRequestId } from "../../../proto/ids.ts";
import type { SampleReason, TakenReason } from "../../../proto/telemetry-messages.ts";
import { mebibytes } from "../../../proto/units.ts";
import type { LoadedPackage } from "../package-store.ts";
import type { KnownRow } from "./condition-check.ts";
import { mayLeave } from "./privacy-rules.ts";
import type { SampleContent } from "./sample-content.ts";
import { bytesOfContent, contentOfRow } from "./sample-content.ts";
import { SampleDraw } from "./sample-draw.ts";
import type { SampleWeight } from "./sample-weights.ts";
import { sampleWeight } from "./sample-weights.ts";

/** An inference that was chosen, as it was: nothing of it may be stored before the privacy rules have been at it. */
export interface ChosenSample {
  readonly settings: ModelSampling;
  readonly reason: TakenReason;
  readonly inclusionProbability: number;
  readonly takenAtMs: number;
  readonly content: SampleContent;
  /** The request that it answers; undefined where the device chose it. */
  readonly request?: SampleRequestId;
}

/** What was answered, and what is known of it. */
export interface AnsweredRow extends KnownRow, SampleContent {
  readonly row: number;
  readonly rows: number;
}

interface Draw {
  readonly reason: SampleReason;
  readonly weight: SampleWeight;
  readonly kept: SampleDraw<KeptRow>;
}

interface KeptRow {
  readonly takenAtMs: number;
  readonly content: SampleContent;
}

export interface ModelSamplerOptions {
  readonly loaded: LoadedPackage;
  /** As they are now; undefined while nothing of the model is sampled. */
  readonly settings: () => ModelSampling | undefined;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** How a reason weighs an inference by its values; undefined: nothing is chosen for it. By the model's streams unless it is said. */
  readonly weightOf?: (reason: SampleReason) => SampleWeight | undefined;
  readonly now: () => number;
  /** How many samples may be taken for one of so many reasons, when the largest has so many bytes; they are paid by that. */
  readonly pay: (settings: ModelSampling, reason: SampleReason, wanted: number, largestBytes: number) => number;
  /** Who asked for this inference of so many bytes; it is paid by that. Undefined: nobody, or there is no money. */
  readonly requestFor: (settings: ModelSampling, row: KnownRow, bytes: number) => SampleRequestId | undefined;
  readonly onChosen: (chosen: readonly ChosenSample[]) => void;
  readonly onTooLarge: (bytes: number) => void;
}

/** What one reason may take at the end of one window, whatever the budget: its content waits in memory. */
const mostOfOneReason = 16;
const mostBytesOfOneReason = mebibytes(1);

/** Chooses among the inferences that one worker answers. While nothing is sampled, it costs one comparison. */
export class ModelSampler {
  readonly #options: ModelSamplerOptions;
  #settings: ModelSampling | undefined;
  #draws: readonly Draw[] = [];
  #leaving: ReadonlySet<string> = new Set();
  #hasComplained = false;

  constructor(options: ModelSamplerOptions) {
    this.#options = options;
  }

  get isOn(): boolean {
    const settings = this.#options.settings();
    if (settings !== this.#settings) this.#change(settings);
    return this.#draws.length > 0;
  }

  /** Call it only while `isOn`. */
  offer(answered: AnsweredRow): void {
    const { row, rows, values } = answered;
    const { random, now } = this.#options;
    const leaving = this.#leavingOf(answered);
    const bytes = bytesOfContent(leaving) / rows;
    if (this.#isTooLarge(bytes)) return;
    const keep = () => ({ takenAtMs: now(), content: contentOfRow(leaving, row, rows) });
    // (0, 1]: the draw divides by it.
    for (const { weight, kept } of this.#draws) {
      kept.shrinkTo(Math.max(1, Math.floor(mostBytesOfOneReason / bytes)));
      kept.offer(weight(values), 1 - random(), keep);
    }
    this.#takeRequested(answered, keep, bytes);
  }

  /**
   * At once: nobody knows how long the next inference is in coming. Of those that were asked for, each is taken with certainty until
   * there are enough: what is in it decides only whether it was asked for.
   */
  #takeRequested(row: KnownRow, keep: () => KeptRow, bytes: number): void {
    const settings = this.#settings;
    const request = settings && this.#options.requestFor(settings, row, bytes);
    if (settings === undefined || request === undefined) return;
    this.#options.onChosen([{ settings, reason: "requested", inclusionProbability: 1, request, ...keep() }]);
  }

  /**
   * The window ends: what the budget pays for is chosen; where it pays for nothing, the choice goes on into the next window. Answers
   * whether anything was chosen. `chance`: that an inference was offered at all, in (0, 1], since something was chosen last.
   */
  closeWindow(chance = 1): boolean {
    const settings = this.#settings;
    if (settings === undefined || !this.isOn || settings !== this.#settings) return false;
    const chosen: ChosenSample[] = [];
    for (const { reason, kept } of this.#draws) {
      const { items } = kept;
      if (items.length === 0) continue;
      const largest = Math.max(...items.map(({ content }) => bytesOfContent(content)));
      const count = this.#options.pay(settings, reason, Math.min(kept.most, items.length), largest);
      if (count === 0) continue;
      for (const { item, inclusionProbability } of kept.take(count))
        chosen.push({ settings, reason, inclusionProbability: chance * inclusionProbability, ...item });
    }
    if (chosen.length > 0) this.#options.onChosen(chosen);
    return chosen.length > 0;
  }

  /** What was kept under other settings was kept for another purpose: it is forgotten. Every assignment brings the settings anew. */
  #change(settings: ModelSampling | undefined): void {
    const isSame = JSON.stringify(settings) === JSON.stringify(this.#settings);
    this.#settings = settings;
    if (isSame) return;
    this.#draws = settings === undefined ? [] : drawsFor(settings, this.#options);
    this.#leaving = tensorsThatLeave(settings, this.#options.loaded);
  }

  #leavingOf({ inputs, outputs, theirs }: SampleContent): SampleContent {
    const rules = this.#settings?.rules ?? [];
    return {
      inputs: inputs.filter(({ name }) => this.#leaving.has(name)),
      outputs: outputs.filter(({ name }) => this.#leaving.has(name)),
      // Another version may have outputs that this one has not.
      ...(theirs && { theirs: { ...theirs, outputs: theirs.outputs.filter(({ name }) => mayLeave(name, rules)) } }),
    };
  }

  #isTooLarge(bytes: number): boolean {
    if (bytes <= limits.sampleBytes - framingBytes) return false;
    if (!this.#hasComplained) this.#options.onTooLarge(bytes);
    this.#hasComplained = true;
    return true;
  }
}

/** Names and dimensions of the tensors. */
const framingBytes = 2_048;

function tensorsThatLeave(settings: ModelSampling | undefined, { manifest }: LoadedPackage): ReadonlySet<string> {
  const names = [...manifest.inputs, ...manifest.outputs].map(({ name }) => name);
  return new Set(names.filter((name) => mayLeave(name, settings?.rules ?? [])));
}

function drawsFor(
  { reasons, rules }: ModelSampling,
  { loaded: { manifest }, weightOf = (reason) => sampleWeight(reason, manifest) }: ModelSamplerOptions,
): readonly Draw[] {
  // Of a sample without one input nothing could be learnt.
  if (!manifest.inputs.some(({ name }) => mayLeave(name, rules))) return [];
  return reasons.flatMap((reason) => {
    const weight = weightOf(reason);
    return weight === undefined ? [] : [{ reason, weight, kept: new SampleDraw<KeptRow>(mostOfOneReason) }];
  });
}
