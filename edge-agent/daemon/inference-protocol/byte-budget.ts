/** How many bytes of bodies may be held at the same time, by all requests together. */
export class ByteBudget {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  /** What one request takes of it, given back when the share is disposed of. */
  share(): ByteShare {
    return new ByteShare(this);
  }

  /** False, and nothing taken, when there is not so much left. */
  take(bytes: number): boolean {
    if (bytes > this.#left) return false;
    this.#left -= bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#left += bytes;
  }
}

export class ByteShare implements Disposable {
  readonly #budget: ByteBudget;
  #taken = 0;

  constructor(budget: ByteBudget) {
    this.#budget = budget;
  }

  /** False, and nothing taken, when there is not so much left. */
  take(bytes: number): boolean {
    if (!this.#budget.take(bytes)) return false;
    this.#taken += bytes;
    return true;
  }

  [Symbol.dispose](): void {
    this.#budget.giveBack(this.#taken);
    this.#taken = 0;
  }
}
