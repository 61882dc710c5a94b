import type { Digest, ModelName } from "../../proto/ids.ts";
import type { FileReference } from "../../proto/manifest.ts";
import { inTurn } from "./in-turn.ts";
import type { FileStore } from "./ports.ts";
import { NoSpaceError } from "./ports.ts";

/** Sizes in bytes. */
export interface RoomQuestion {
  /** What the update still has to bring in. */
  readonly missing: number;
  /** What files may still take: not what must stay free. */
  readonly free: number;
  /** What other updates under way still have to bring in. */
  readonly promised: number;
}

export type RoomVerdict =
  | { readonly kind: "room" }
  /** There is room as soon as the other updates have come to an end, one way or another. */
  | { readonly kind: "later"; readonly reason: string }
  | { readonly kind: "none"; readonly reason: string };

/**
 * May an update begin to bring in its files? An update that could not come in even by itself is told so before its first byte.
 *
 * Example: 80 missing, 100 free: room; while another update still brings in 30: later; 120 missing: none.
 */
export function judgeRoom({ missing, free, promised }: RoomQuestion): RoomVerdict {
  if (missing <= free - promised || missing === 0) return { kind: "room" };
  const lacking = `${missing} more bytes are needed and only ${free} may be used`;
  if (missing > free) return { kind: "none", reason: lacking };
  return { kind: "later", reason: `${missing} more bytes are needed; of ${free} other updates will use ${promised}` };
}

/** Room that will be there when other updates have ended. The step is tried again. */
export class RoomPromisedError extends Error {
  override readonly name = "RoomPromisedError";
}

interface Claim {
  readonly files: readonly FileReference[];
  /** All that the update needs: before its manifest is there only the beginning is known. */
  readonly isWhole: boolean;
}

/**
 * The room on the disk that updates under way have claimed, of all models together. A claim names files, and weighs what of them is not
 * on the device yet: so it shrinks as they come, and what two updates share is claimed once.
 */
export class DiskRoom {
  readonly #files: Pick<FileStore, "freeBytes" | "bytesOf">;
  readonly #claims = new Map<ModelName, Claim>();
  /** Two updates must not both take the last bytes for theirs. */
  readonly #inTurn = inTurn();

  constructor(files: Pick<FileStore, "freeBytes" | "bytesOf">) {
    this.#files = files;
  }

  /** All that an update under way counts on, where it is known: these files must not be taken away from it. */
  get claimed(): ReadonlyMap<ModelName, ReadonlySet<Digest>> {
    const whole = [...this.#claims].filter(([, { isWhole }]) => isWhole);
    return new Map(whole.map(([model, { files }]) => [model, new Set(files.map(({ digest }) => digest))]));
  }

  /**
   * Claims room for what an update begins with, or adds it to what it has claimed. Rejects with NoSpaceError, or with RoomPromisedError
   * while other updates are in the way.
   */
  claim(model: ModelName, files: readonly FileReference[]): Promise<void> {
    return this.#inTurn(async () => {
      const { files: before, isWhole } = this.#claims.get(model) ?? { files: [], isWhole: false };
      const claim = { files: [...before, ...files], isWhole };
      assertRoom(await this.#judge(model, claim));
      this.#claims.set(model, claim);
    });
  }

  /** The same for all that an update needs, in place of what it had claimed. Where there is too little, `makeRoom` frees some first. */
  claimAll(model: ModelName, files: readonly FileReference[], makeRoom: () => Promise<void>): Promise<void> {
    return this.#inTurn(async () => {
      const claim = { files, isWhole: true };
      const verdict = await this.#judge(model, claim);
      // Named before it is made sure of: what is there of it already must not be freed.
      this.#claims.set(model, claim);
      if (verdict.kind === "room") return;
      await makeRoom();
      assertRoom(await this.#judge(model, claim));
    });
  }

  release(model: ModelName): void {
    this.#claims.delete(model);
  }

  async #judge(model: ModelName, { files }: Claim): Promise<RoomVerdict> {
    const own = new Map(files.map((file) => [file.digest, file]));
    const others = [...this.#claims].filter(([other]) => other !== model).flatMap(([, claim]) => claim.files);
    const theirs = new Map(others.filter(({ digest }) => !own.has(digest)).map((file) => [file.digest, file]));
    return judgeRoom({
      missing: await this.#missing(own.values()),
      free: await this.#files.freeBytes(),
      promised: await this.#missing(theirs.values()),
    });
  }

  async #missing(files: Iterable<FileReference>): Promise<number> {
    let bytes = 0;
    for (const { digest, size } of files) bytes += Math.max(0, size - (await this.#files.bytesOf(digest)));
    return bytes;
  }
}

function assertRoom(verdict: RoomVerdict): void {
  switch (verdict.kind) {
    case "room":
      return;
    case "later":
      throw new RoomPromisedError(verdict.reason);
    case "none":
      throw new NoSpaceError(verdict.reason);
  }
}
