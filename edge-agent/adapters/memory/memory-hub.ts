import { setMaxListeners } from "node:events";
import type { Connection, MessageBus } from "../../core/ports.ts";
import {
  decodeControlMessage,
  decodeDeviceMessage,
  encodeControlMessage,
  encodeDeviceMessage,
} from "../../../proto/codec.ts";
import type { DeviceId } from "../../../proto/ids.ts";
import type { ControlMessage, DeviceMessage } from "../../../proto/messages.ts";
import { messageQueue } from "../portable/message-queue.ts";
import type { VirtualClock } from "./virtual-clock.ts";

export class HubError extends Error {
  override readonly name = "HubError";
}

/** What happens to one message on its way: after how long each copy of it arrives. None: it is lost. */
export type Delivery = readonly number[];
export type LinkFaults = (direction: "to-control" | "to-device", device: DeviceId, kind: string) => Delivery;

interface Link {
  readonly lastWill: DeviceMessage;
  readonly toDevice: (message: ControlMessage) => void;
  readonly cut: () => void;
}

const inOrderAndOnce: LinkFaults = () => [0];

/** A little broker in memory. Messages cross it as the contract's bytes; `faults` decides what gets lost, late or doubled. */
export class MemoryHub {
  readonly #clock: VirtualClock;
  readonly #links = new Map<DeviceId, Link>();
  readonly #unreachable = new Set<DeviceId>();
  readonly #never = new AbortController().signal;
  /** The control side's ear. */
  onMessage: (device: DeviceId, message: DeviceMessage) => void = () => undefined;
  faults: LinkFaults = inOrderAndOnce;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
    // Each late message listens to it: that many are no leak.
    setMaxListeners(0, this.#never);
  }

  busFor(device: DeviceId): MessageBus {
    return {
      connect: async (lastWill, signal) => {
        signal.throwIfAborted();
        if (this.#unreachable.has(device)) throw new HubError(`${device} cannot reach the broker`);
        return this.#connect(device, lastWill);
      },
    };
  }

  isConnected(device: DeviceId): boolean {
    return this.#links.has(device);
  }

  send(device: DeviceId, message: ControlMessage): void {
    const link = this.#links.get(device);
    if (link === undefined) return;
    const bytes = encodeControlMessage(message);
    this.#deliver("to-device", device, message.kind, () => {
      const decoded = decodeControlMessage(bytes);
      if (decoded.ok && decoded.value.kind !== "unknown" && this.#links.get(device) === link)
        link.toDevice(decoded.value);
    });
  }

  /** The connection breaks off: the broker sends the last will. */
  cut(device: DeviceId): void {
    const link = this.#links.get(device);
    if (link === undefined) return;
    link.cut();
    this.#receive(device, link.lastWill);
  }

  /** Nothing gets through, in either direction, until `reachable` is true again. */
  setReachable(device: DeviceId, reachable: boolean): void {
    if (reachable) this.#unreachable.delete(device);
    else {
      this.#unreachable.add(device);
      this.cut(device);
    }
  }

  #connect(device: DeviceId, lastWill: DeviceMessage): Connection {
    // A client that connects again takes over the session of its id. [MQTT-3.1.4-2]
    this.cut(device);
    const messages = messageQueue<ControlMessage>(Infinity);
    let gone: () => void = () => undefined;
    const closed = new Promise<void>((resolve) => {
      gone = resolve;
    });
    const link: Link = {
      lastWill,
      toDevice: (message) => void messages.push(message, 0),
      cut: () => {
        if (this.#links.get(device) === link) this.#links.delete(device);
        messages.end();
        gone();
      },
    };
    this.#links.set(device, link);
    return {
      messages,
      closed,
      publish: async (message, signal) => {
        signal.throwIfAborted();
        if (this.#links.get(device) !== link) throw new HubError(`the connection of ${device} is lost`);
        this.#deliver("to-control", device, message.kind, () => this.#receive(device, message));
      },
      close: async () => link.cut(),
    };
  }

  #receive(device: DeviceId, message: DeviceMessage): void {
    const decoded = decodeDeviceMessage(encodeDeviceMessage(message));
    if (!decoded.ok)
      throw new HubError(`${device} sent what the contract does not allow: ${decoded.problems.join("; ")}`);
    if (decoded.value.kind !== "unknown") this.onMessage(device, decoded.value);
  }

  #deliver(direction: "to-control" | "to-device", device: DeviceId, kind: string, arrive: () => void): void {
    for (const delayMs of this.faults(direction, device, kind))
      if (delayMs === 0) void Promise.resolve().then(arrive);
      else void this.#clock.sleep(delayMs, this.#never).then(arrive);
  }
}
