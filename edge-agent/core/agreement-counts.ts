import { agreementBinOf, agreementBins, nothingCompared, sumOfAgreements } from "../../proto/sketch/agreement.ts";
import type { Agreement } from "../../proto/telemetry-messages.ts";
import type { RowAgreement } from "./agreement.ts";

/** What both models needed for one request. */
export interface PairedWork {
  readonly activeMs: number;
  readonly candidateMs: number;
}

/** Counts what a candidate in shadow makes of what the active model has answered, for the window and for as long as it runs. */
export class AgreementCounts {
  #window = nothingCompared();
  #before = nothingCompared();

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
      activeWorkMs: work?.activeMs ?? 0,
      candidateWorkMs: work?.candidateMs ?? 0,
      distance,
    });
  }

  countSkipped(): void {
    this.#add({ skipped: 1 });
  }

  countFailed(): void {
    this.#add({ failed: 1 });
  }

  take(): Agreement {
    const taken = this.#window;
    this.#before = this.total;
    this.#window = nothingCompared();
    return taken;
  }

  #add(counts: Partial<Agreement>): void {
    this.#window = sumOfAgreements(this.#window, { ...nothingCompared(), ...counts });
  }
}
