import type { Digest } from "../../proto/ids.ts";
import { limits } from "../../proto/limits.ts";
import type { BlockData, DeviceMessage } from "../../proto/messages.ts";
import { seconds } from "../../proto/units.ts";
import type { ArtifactSource, Clock } from "./ports.ts";
import { Wakeup } from "./wakeup.ts";

/** Asks for blocks of a file, and hears of those that come: what is needed of the connection. */
export interface BlockChannel {
  request(message: DeviceMessage): Promise<void>;
  /** Calls `listener` for every block-data message until the returned function is called. */
  onBlock(listener: (message: BlockData) => void): () => void;
}

export class BlockTransferError extends Error {
  override readonly name = "BlockTransferError";
}

/** How long a block may take before it is asked for again, and how often that is done. */
const blockTimeoutMs = seconds(10);
const maxAsks = 4;

/**
 * Pulls a file in blocks through the MQTT connection, for devices that reach nothing else. A few blocks are asked for at a time,
 * so the device's own link sets the pace; what does not come is asked for again. It only carries bytes: what they are worth is
 * the file store's question.
 */
export function blockSource(channel: BlockChannel, clock: Clock): ArtifactSource {
  return {
    name: "blocks over MQTT",
    async *fetch(digest, offset, signal, end) {
      const transfer = new BlockTransfer(channel, clock, digest, offset, end);
      const stop = channel.onBlock((block) => transfer.take(block));
      try {
        for (;;) {
          const bytes = await transfer.next(signal);
          if (bytes === undefined) return;
          yield bytes;
        }
      } finally {
        stop();
      }
    },
  };
}

interface Ask {
  readonly times: number;
  readonly at: number;
}

class BlockTransfer {
  readonly #channel: BlockChannel;
  readonly #clock: Clock;
  readonly #digest: Digest;
  readonly #wakeup = new Wakeup();
  readonly #asked = new Map<number, Ask>();
  readonly #arrived = new Map<number, Uint8Array>();
  readonly #end: number;
  #offset: number;
  /** Known from the first answer. */
  #size = Number.POSITIVE_INFINITY;
  #refusal: string | undefined;

  constructor(channel: BlockChannel, clock: Clock, digest: Digest, offset: number, end: number) {
    this.#end = end;
    this.#channel = channel;
    this.#clock = clock;
    this.#digest = digest;
    this.#offset = offset;
  }

  /** Answers that nobody waits for (another file, another range, a second copy) are left out. */
  take(block: BlockData): void {
    if (block.digest !== this.#digest || !this.#asked.has(block.offset) || this.#arrived.has(block.offset)) return;
    this.#size = block.error === "" || block.size > 0 ? block.size : this.#size;
    const expected = Math.min(limits.blockBytes, this.#size - block.offset);
    if (block.error !== "" && block.offset < this.#size) this.#refusal = block.error;
    else if (block.data.length === expected) this.#arrived.set(block.offset, block.data);
    // A block of another length is damaged: it is asked for again when its time is over.
    this.#wakeup.wake();
  }

  /** The next block in order; undefined at the end of what is wanted. */
  async next(signal: AbortSignal): Promise<Uint8Array | undefined> {
    for (;;) {
      if (this.#refusal !== undefined) throw new BlockTransferError(`${this.#digest}: ${this.#refusal}`);
      if (this.#offset >= Math.min(this.#size, this.#end)) return undefined;
      const bytes = this.#arrived.get(this.#offset);
      if (bytes !== undefined) {
        this.#arrived.delete(this.#offset);
        this.#asked.delete(this.#offset);
        this.#offset += bytes.length;
        return bytes;
      }
      await this.#ask();
      await this.#wakeup.sleep(this.#untilNextAsk(), this.#clock, signal);
    }
  }

  async #ask(): Promise<void> {
    const now = this.#clock.monotonic();
    const end = Math.min(this.#size, this.#end, this.#offset + limits.blocksInFlight * limits.blockBytes);
    for (let offset = this.#offset; offset < end; offset += limits.blockBytes) {
      const ask = this.#asked.get(offset);
      const isDue = ask === undefined || now - ask.at >= blockTimeoutMs;
      // Before the size is known only the first block is asked for: there may be no second.
      const isFirst = offset === this.#offset;
      if (!isDue || this.#arrived.has(offset) || (this.#size === Number.POSITIVE_INFINITY && !isFirst)) continue;
      const times = 1 + (ask?.times ?? 0);
      if (times > maxAsks) throw new BlockTransferError(`block ${offset} of ${this.#digest} did not come`);
      this.#asked.set(offset, { times, at: now });
      await this.#channel.request({ kind: "block-request", digest: this.#digest, offset, length: limits.blockBytes });
    }
  }

  #untilNextAsk(): number {
    const oldest = Math.min(
      ...[...this.#asked].filter(([offset]) => !this.#arrived.has(offset)).map(([, { at }]) => at),
    );
    return Math.max(0, oldest + blockTimeoutMs - this.#clock.monotonic());
  }
}
