/** How many bytes of bodies may be held at the same time, by all requests together. */
export class ByteBudget {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  /** What one request takes of it, given back when the share is disposed of. */
  share(): ByteShare {
    let taken = 0;
    return {
      take: (bytes) => {
        if (bytes > this.#left) return false;
        this.#left -= bytes;
        taken += bytes;
        return true;
      },
      [Symbol.dispose]: () => {
        this.#left += taken;
        taken = 0;
      },
    };
  }
}

export interface ByteShare extends Disposable {
  /** False, and nothing taken, when there is not so much left. */
  take(bytes: number): boolean;
}
