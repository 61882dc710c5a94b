import { agreementBinOf, agreementBins, nothingCompared, sumOfAgreements } from "../../proto/sketch/agreement.ts";
import type { Agreement } from "../../proto/telemetry-messages.ts";
import type { RowAgreement } from "./agreement.ts";

/** What both models needed for one request. */
export interface PairedWork {
  readonly activeMs: number;
  readonly candidateMs: number;
}

/** So many pairs are summed up at a time. */
const pairsTogether = 8;

/**
 * What both took for `pairs`, as if each of them had gone as its quick ones did: the lower quartile of either, times their number. A
 * candidate in shadow runs with what the others leave of the processor; where that is little, most of what a clock sees is how long
 * both wait for their turn, the candidate longer. What the quick ones took is work.
 *
 * Example: eight pairs of 1 ms each, of which two of the candidate's waited 30 ms for their turn: 8 ms and 8 ms, not 8 and 66.
 */
function quietWork(pairs: readonly PairedWork[]): PairedWork {
  const quartile = (of: (pair: PairedWork) => number) =>
    pairs.map(of).sort((a, b) => a - b)[(pairs.length - 1) >> 2] ?? 0;
  return {
    activeMs: pairs.length * quartile(({ activeMs }) => activeMs),
    candidateMs: pairs.length * quartile(({ candidateMs }) => candidateMs),
  };
}

/** Counts what a candidate in shadow makes of what the active model has answered, for the window and for as long as it runs. */
export class AgreementCounts {
  #window = nothingCompared();
  #before = nothingCompared();
  /** Timed, and not in the window yet. */
  #pairs: PairedWork[] = [];

  /** Since it was taken last. */
  get isEmpty(): boolean {
    const { compared, skipped, failed } = this.#window;
    return compared + skipped + failed === 0;
  }

  get total(): Agreement {
    return sumOfAgreements(this.#before, this.#window);
  }

  /** Without `work` where the times of the two say nothing of each other. */
  countPair(rows: readonly RowAgreement[], work: PairedWork | undefined): void {
    const distance = new Uint32Array(agreementBins);
    for (const row of rows) {
      const bin = agreementBinOf(row.distance);
      distance[bin] = 1 + (distance[bin] as number);
    }
    this.#add({
      compared: rows.length,
      disagreed: rows.filter(({ disagrees }) => disagrees).length,
      distance,
    });
    if (work !== undefined) this.#pairs.push(work);
    if (this.#pairs.length === pairsTogether) this.#sumUpPairs();
  }

  countSkipped(): void {
    this.#add({ skipped: 1 });
  }

  countFailed(): void {
    this.#add({ failed: 1 });
  }

  take(): Agreement {
    this.#sumUpPairs();
    const taken = this.#window;
    this.#before = this.total;
    this.#window = nothingCompared();
    return taken;
  }

  #sumUpPairs(): void {
    const { activeMs, candidateMs } = quietWork(this.#pairs);
    this.#pairs = [];
    this.#add({ activeWorkMs: activeMs, candidateWorkMs: candidateMs });
  }

  #add(counts: Partial<Agreement>): void {
    this.#window = sumOfAgreements(this.#window, { ...nothingCompared(), ...counts });
  }
}
