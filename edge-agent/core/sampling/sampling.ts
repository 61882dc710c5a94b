import { bytesOfText } from "../../../proto/bytes.ts";
import { encodeGoldenSet } from "../../../proto/codec/golden.ts";
import { sampleSealAbout } from "../../../proto/codec/sample.ts";
import type { DeviceId, SampleRequestId } from "../../../proto/ids.ts";
import { limits } from "../../../proto/limits.ts";
import type { ModelSampling, SampleRequest, Sampling as Settings } from "../../../proto/assignment-messages.ts";
import type { Sample, SampleHead } from "../../../proto/telemetry-messages.ts";
import type { LoadedPackage } from "../package-store.ts";
import type { Clock, Crypto, Logger, Random } from "../ports.ts";
import { inTurn } from "../in-turn.ts";
import { DisagreementSampler } from "./disagreement-sampler.ts";
import type { ChosenSample, ModelSamplerOptions } from "./model-sampler.ts";
import { ModelSampler } from "./model-sampler.ts";
import { requestCheck } from "./condition-check.ts";
import { outputsOf } from "./sample-content.ts";
import { partCountOf, partsOf } from "./sample-parts.ts";
import { withPrivacy } from "./privacy-rules.ts";
import { budgetRate } from "./sample-budget.ts";
import type { BudgetRates, SamplingBooks } from "./sampling-books.ts";
import { SpentSampling } from "./sampling-books.ts";

export interface SamplingOptions {
  readonly device: DeviceId;
  readonly clock: Clock;
  readonly random: Random;
  readonly crypto: Crypto;
  readonly log: Logger;
  /** Of the assignment that was accepted last. */
  readonly settings: () => Settings | undefined;
  /** Whether the device has no energy for samples just now. */
  readonly isSaving: () => boolean;
  /** Keeps what was spent over a restart. */
  readonly save: (books: SamplingBooks) => Promise<void>;
  /** Stores a sealed sample. */
  readonly tell: (sample: Sample) => Promise<void>;
}

const noRequests: readonly SampleRequest[] = [];

/** What a record of a sample costs beside its tensors: head, seal and framing. */
const overheadBytes = 512;

function costOf(bytes: number): number {
  return bytes + partCountOf(bytes) * overheadBytes;
}

/**
 * The way of a sample: a worker's sampler chooses, the budget of its model pays, the privacy rules take out what must not leave, the
 * rest is sealed for the control plane's key, and only that is stored. In memory a chosen inference waits for the end of its window;
 * on the disk nobody finds one, the holder of the disk included.
 */
export class Sampling {
  readonly #options: SamplingOptions;
  readonly #inTurn = inTurn();
  #spent: SpentSampling;

  constructor(options: SamplingOptions) {
    this.#options = options;
    this.#spent = new SpentSampling(undefined, options.clock.monotonic());
  }

  /** What was spent before the agent started; call it before the first inference. */
  load(saved: SamplingBooks | undefined): void {
    this.#spent = new SpentSampling(saved, this.#options.clock.monotonic());
  }

  samplerFor(loaded: LoadedPackage): ModelSampler {
    const isAskedFor = requestCheck(loaded.manifest);
    return new ModelSampler({
      ...this.#optionsFor(loaded),
      requestFor: (settings, row, bytes) => this.#requestFor(settings, (request) => isAskedFor(request, row), bytes),
    });
  }

  /** For a candidate in shadow. */
  disagreementsFor(candidate: LoadedPackage): DisagreementSampler {
    const samplerOf = (active: LoadedPackage) =>
      new ModelSampler({
        ...this.#optionsFor(active),
        weightOf: (reason) => (reason === "disagreement" ? ([weight]) => weight ?? 0 : undefined),
        // Whoever asked gets what was answered, once.
        requestFor: () => undefined,
      });
    return new DisagreementSampler(candidate, samplerOf);
  }

  #optionsFor(loaded: LoadedPackage): Omit<ModelSamplerOptions, "requestFor"> {
    const { clock, random, log } = this.#options;
    const { model } = loaded.manifest;
    return {
      loaded,
      settings: () => this.#options.settings()?.models.find((one) => one.model === model),
      random: () => random.next(),
      now: () => clock.now(),
      // Nothing is paid while energy is saved, and so the choice goes on: in the end it is one among all inferences since the last
      // that was paid, those of the pause too, and its chance says so.
      pay: (settings, reason, wanted, largestBytes) =>
        this.#options.isSaving()
          ? 0
          : this.#spent.pay(settings, reason, wanted, costOf(largestBytes), ratesOf(settings), clock.monotonic()),
      onChosen: (chosen) => void this.#inTurn(() => this.#store(loaded, chosen)),
      onTooLarge: (bytes) =>
        log.warn({ model, bytes, most: limits.sampleBytes }, "inferences of this model are too large to be sampled"),
    };
  }

  /** Resolves when everything that was chosen so far is stored, or has failed. */
  settled(): Promise<void> {
    return this.#inTurn(async () => undefined);
  }

  /** Who asked for this inference; it is paid then. The first of several requests that are not full takes it. */
  #requestFor(
    settings: ModelSampling,
    isAskedFor: (request: SampleRequest) => boolean,
    bytes: number,
  ): SampleRequestId | undefined {
    const { clock, isSaving } = this.#options;
    // Who asked gets later ones.
    if (isSaving()) return undefined;
    const request = this.#requests.find(
      (one) =>
        one.model === settings.model &&
        this.#spent.takenFor(one.id) < one.count &&
        clock.now() < one.untilMs &&
        isAskedFor(one),
    );
    if (request === undefined) return undefined;
    const isPaid = this.#spent.payRequested(request, costOf(bytes), ratesOf(settings), clock.monotonic());
    return isPaid ? request.id : undefined;
  }

  get #requests(): readonly SampleRequest[] {
    return this.#options.settings()?.requests ?? noRequests;
  }

  async #store(loaded: LoadedPackage, chosen: readonly ChosenSample[]): Promise<void> {
    for (const one of chosen)
      try {
        if (this.#spent.isDirty) await this.#options.save(this.#spent.take(this.#requests));
        const sample = await this.#seal(loaded, one);
        if (sample !== undefined) for (const part of partsOf(sample)) await this.#options.tell(part);
      } catch (error) {
        this.#options.log.error({ error: String(error) }, "a sample was lost: it could not be sealed or stored");
      }
  }

  async #seal({ manifest, slot }: LoadedPackage, chosen: ChosenSample): Promise<Sample | undefined> {
    const { crypto, device } = this.#options;
    const { settings, reason, inclusionProbability, takenAtMs, request } = chosen;
    const key = this.#options.settings()?.key;
    // Switched off since it was chosen.
    if (key === undefined) return undefined;
    const hash = (value: number) => saltedHash(crypto, settings.salt, value);
    const inputs = await withPrivacy(chosen.content.inputs, settings.rules, hash);
    const { theirs } = chosen.content;
    const outputs = outputsOf({
      outputs: await withPrivacy(chosen.content.outputs, settings.rules, hash),
      ...(theirs && { theirs: { ...theirs, outputs: await withPrivacy(theirs.outputs, settings.rules, hash) } }),
    });
    const head: SampleHead = {
      model: manifest.model,
      version: slot.version,
      package: slot.package,
      variant: slot.variant,
      takenAtMs,
      reason,
      inclusionProbability,
    };
    const content = encodeGoldenSet({ cases: [{ inputs, outputs }] });
    const sealed = await crypto.seal(key, content, sampleSealAbout(device, head));
    return { kind: "sample", ...head, sealed, ...(request !== undefined && { request }) };
  }
}

/** The reasons share the samples evenly; the bytes are for whoever comes. */
function ratesOf({ samplesPerDay, bytesPerDay, reasons }: ModelSampling): BudgetRates {
  return {
    samples: budgetRate(samplesPerDay / Math.max(1, reasons.length), 1),
    bytes: budgetRate(bytesPerDay, costOf(limits.samplePartBytes), costOf(limits.sampleBytes)),
  };
}

/** The first 32 bits of SHA-256(salt ‖ value as text): the salt keeps a list of all values from being hashed beforehand. */
async function saltedHash(crypto: Crypto, salt: string, value: number): Promise<number> {
  const digest = await crypto.digest(bytesOfText(`${salt} ${value}`));
  return Number.parseInt(digest.slice("sha256:".length, "sha256:".length + 8), 16);
}
