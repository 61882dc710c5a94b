import type { BlockChannel, Connection, MessageBus } from "../../core/ports.ts";
import type { BlockData, ControlMessage } from "../../../proto/messages.ts";
import { BusError } from "./mqtt-bus.ts";

/** A bus, and the blocks of files that come over its current connection. */
export interface BusWithBlocks {
  /** Like the bus that it wraps, but blocks go to the channel and not to `messages`. */
  readonly bus: MessageBus;
  readonly blocks: BlockChannel;
}

/** The channel outlives connections: a request without one is refused, and listeners stay for the next. */
export function busWithBlocks(inner: MessageBus): BusWithBlocks {
  const listeners = new Set<(block: BlockData) => void>();
  let current: { readonly connection: Connection; readonly gone: AbortSignal } | undefined;

  return {
    bus: {
      async connect(lastWill, signal) {
        const connection = await inner.connect(lastWill, signal);
        const gone = new AbortController();
        current = { connection, gone: gone.signal };
        void connection.closed.then(() => {
          gone.abort(new BusError("the connection was lost"));
          if (current?.connection === connection) current = undefined;
        });
        return { ...connection, messages: withoutBlocks(connection.messages, listeners) };
      },
    },
    blocks: {
      async request(message) {
        if (current === undefined) throw new BusError("there is no connection to ask for blocks");
        await current.connection.publish(message, current.gone);
      },
      onBlock(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
  };
}

async function* withoutBlocks(
  messages: AsyncIterable<ControlMessage>,
  listeners: ReadonlySet<(block: BlockData) => void>,
): AsyncIterable<ControlMessage> {
  for await (const message of messages) {
    if (message.kind === "block-data") for (const listener of listeners) listener(message);
    else yield message;
  }
}
