import { mebibytes } from "../../../proto/units.ts";

/** Two requests at the same time are the most that most devices see. */
const keptRooms = 2;
const largestKept = mebibytes(2);

/**
 * The memory of the last bodies, to be used again. It lies outside of the heap that V8 watches closely: a new piece of 600 KB for
 * every request makes it collect garbage for longer than the request takes.
 */
export class BodyRooms {
  readonly #kept: ArrayBuffer[] = [];

  lease(): RoomLease {
    let leased: ArrayBuffer | undefined;
    return {
      take: (bytes) => {
        const at = this.#kept.findIndex((room) => room.byteLength >= bytes && room.byteLength <= 2 * bytes + 4_096);
        leased = this.#kept.splice(at, at < 0 ? 0 : 1)[0] ?? new ArrayBuffer(bytes);
        return new Uint8Array(leased, 0, bytes);
      },
      giveBack: () => {
        if (leased === undefined || leased.byteLength > largestKept) return;
        this.#kept.unshift(leased);
        this.#kept.length = Math.min(keptRooms, this.#kept.length);
        leased = undefined;
      },
    };
  }
}

/** What one request takes. */
export interface RoomLease {
  /** So many bytes, with anything in them. What was taken before is not given back. */
  take(bytes: number): Uint8Array;
  /** Only when nobody can look at it any more. */
  giveBack(): void;
}
