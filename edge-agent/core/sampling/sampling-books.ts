import type { ModelName, SampleRequestId } from "../../../proto/ids.ts";
import type { ModelSampling, SampleRequest } from "../../../proto/assignment-messages.ts";
import type { SampleReason } from "../../../proto/telemetry-messages.ts";
import type { BudgetBucket, BudgetRate } from "./sample-budget.ts";
import { fullBucket, paid, refilled } from "./sample-budget.ts";

/**
 * What sampling has spent, as it outlasts a restart: what each model has left to pay with, and how many samples each request has got.
 * It is saved before a sample is stored, so that a crash between the two costs the sample, and never pays for one twice.
 */
export interface SamplingBooks {
  readonly wallets: readonly SavedWallet[];
  /** Of requests that are assigned. */
  readonly taken: readonly { readonly request: SampleRequestId; readonly count: number }[];
}

/** How much a bucket held when it was saved: an agent that starts has that, and nothing for the time in which it was off. */
interface SavedWallet {
  readonly model: ModelName;
  readonly bytes: number;
  readonly samples: readonly { readonly reason: SampleReason; readonly tokens: number }[];
}

/** What a model has left, also under new settings: whoever sends them often gets no more by that. */
interface Wallet {
  /** One for each reason, so that none takes what another one needs. */
  readonly samples: Map<SampleReason, BudgetBucket>;
  bytes: BudgetBucket;
}

export interface BudgetRates {
  /** Of each reason. */
  readonly samples: BudgetRate;
  readonly bytes: BudgetRate;
}

/** Of models that came last; a device has a few. */
const mostWallets = 100;

/** Paying everything can leave a bucket below nothing by a rounding, and what is below nothing is not read back. */
function savedTokens({ tokens }: BudgetBucket): number {
  return Math.max(0, tokens);
}

/** The wallets of all models and the requests, while the agent runs. */
export class SpentSampling {
  readonly #wallets = new Map<ModelName, Wallet>();
  readonly #taken = new Map<SampleRequestId, number>();
  #isDirty = false;

  /** Buckets are filled from `nowMs` on, on the clock that only goes up. */
  constructor(saved: SamplingBooks | undefined, nowMs: number) {
    for (const { model, bytes, samples } of saved?.wallets ?? [])
      this.#wallets.set(model, {
        bytes: { tokens: bytes, atMs: nowMs },
        samples: new Map(samples.map(({ reason, tokens }) => [reason, { tokens, atMs: nowMs }])),
      });
    for (const { request, count } of saved?.taken ?? []) this.#taken.set(request, count);
  }

  /** Something was spent since it was saved last. */
  get isDirty(): boolean {
    return this.#isDirty;
  }

  /** Pays for as many of `wanted` samples of `each` bytes as there is money for, and answers how many. */
  pay(
    { model }: Pick<ModelSampling, "model">,
    reason: SampleReason,
    wanted: number,
    each: number,
    rates: BudgetRates,
    nowMs: number,
  ): number {
    const wallet = this.#walletOf(model, rates.bytes, nowMs);
    const samples = refilled(wallet.samples.get(reason) ?? fullBucket(rates.samples, nowMs), rates.samples, nowMs);
    const bytes = refilled(wallet.bytes, rates.bytes, nowMs);
    const count = Math.max(0, Math.min(wanted, Math.floor(samples.tokens), Math.floor(bytes.tokens / each)));
    wallet.samples.set(reason, paid(samples, count));
    wallet.bytes = paid(bytes, count * each);
    if (count > 0) this.#isDirty = true;
    return count;
  }

  /** Pays for one sample that was asked for, from the bytes alone: how many there are to be was said. False: there is no money now. */
  payRequested({ id, model }: SampleRequest, bytes: number, rates: BudgetRates, nowMs: number): boolean {
    const wallet = this.#walletOf(model, rates.bytes, nowMs);
    const held = refilled(wallet.bytes, rates.bytes, nowMs);
    wallet.bytes = held;
    if (held.tokens < bytes) return false;
    wallet.bytes = paid(held, bytes);
    this.#taken.set(id, this.takenFor(id) + 1);
    this.#isDirty = true;
    return true;
  }

  takenFor(request: SampleRequestId): number {
    return this.#taken.get(request) ?? 0;
  }

  /** To be saved: without requests that are not assigned any more. */
  take(assigned: readonly SampleRequest[]): SamplingBooks {
    this.#isDirty = false;
    for (const id of this.#taken.keys()) if (!assigned.some((request) => request.id === id)) this.#taken.delete(id);
    return {
      wallets: [...this.#wallets].slice(-mostWallets).map(([model, { bytes, samples }]) => ({
        model,
        bytes: savedTokens(bytes),
        samples: [...samples].map(([reason, bucket]) => ({ reason, tokens: savedTokens(bucket) })),
      })),
      taken: [...this.#taken].map(([request, count]) => ({ request, count })),
    };
  }

  #walletOf(model: ModelName, rate: BudgetRate, nowMs: number): Wallet {
    const known = this.#wallets.get(model);
    if (known !== undefined) return known;
    const wallet: Wallet = { samples: new Map(), bytes: fullBucket(rate, nowMs) };
    this.#wallets.set(model, wallet);
    return wallet;
  }
}
