import type { BlockData, DeviceMessage } from "../../proto/messages.ts";
import type { BlockChannel, Connection } from "./ports.ts";

export class NotConnectedError extends Error {
  override readonly name = "NotConnectedError";
}

/** The block channel of whichever connection there is: downloads go on over the next one. */
export class BlockRelay implements BlockChannel {
  readonly #listeners = new Set<(block: BlockData) => void>();
  #connection: Connection | undefined;
  #signal: AbortSignal | undefined;

  attach(connection: Connection, signal: AbortSignal): void {
    this.#connection = connection;
    this.#signal = signal;
  }

  detach(): void {
    this.#connection = undefined;
    this.#signal = undefined;
  }

  deliver(block: BlockData): void {
    for (const listener of this.#listeners) listener(block);
  }

  async request(message: DeviceMessage): Promise<void> {
    if (this.#connection === undefined || this.#signal === undefined)
      throw new NotConnectedError("there is no connection to ask for a block");
    await this.#connection.publish(message, this.#signal);
  }

  onBlock(listener: (block: BlockData) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
