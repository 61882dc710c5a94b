import type { BlockData, DeltaOffer, DeviceMessage } from "../../proto/messages.ts";
import type { BlockChannel } from "./chunked-download.ts";
import type { Connection } from "./ports.ts";
import type { DeltaChannel } from "./relayed-delta-source.ts";

export class NotConnectedError extends Error {
  override readonly name = "NotConnectedError";
}

/** What downloads need of whichever connection there is: they go on over the next one. */
export class BlockRelay implements BlockChannel, DeltaChannel {
  readonly #blockListeners = new Set<(block: BlockData) => void>();
  readonly #offerListeners = new Set<(offer: DeltaOffer) => void>();
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

  deliver(message: BlockData | DeltaOffer): void {
    switch (message.kind) {
      case "block-data":
        for (const listener of this.#blockListeners) listener(message);
        return;
      case "delta-offer":
        for (const listener of this.#offerListeners) listener(message);
    }
  }

  async request(message: DeviceMessage): Promise<void> {
    if (this.#connection === undefined || this.#signal === undefined)
      throw new NotConnectedError("there is no connection to ask for a file");
    await this.#connection.publish(message, this.#signal);
  }

  onBlock(listener: (block: BlockData) => void): () => void {
    this.#blockListeners.add(listener);
    return () => this.#blockListeners.delete(listener);
  }

  onDeltaOffer(listener: (offer: DeltaOffer) => void): () => void {
    this.#offerListeners.add(listener);
    return () => this.#offerListeners.delete(listener);
  }
}
