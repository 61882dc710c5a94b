import { decodeDeviceMessage, leafOf } from "../../proto/codec.ts";
import type { DeviceId } from "../../proto/ids.ts";
import type { DeviceMessage } from "../../proto/messages.ts";
import type { DeviceLeaf } from "../../proto/topics.ts";
import { deviceLeaves } from "../../proto/topics.ts";
import type { DeviceRegistry } from "../application/device-registry.ts";
import { createLogLimit } from "../application/log-limit.ts";
import type { Logger } from "../application/ports.ts";
import type { TelemetryIngest } from "../application/telemetry-ingest.ts";
import type { UnheardDevices } from "../application/unheard-devices.ts";
import type { BlockServer } from "./block-server.ts";
import type { DeltaAnswers } from "./delta-answers.ts";
import type { EmbeddedBroker } from "./embedded-broker.ts";

export interface DeviceMessageOptions {
  readonly broker: Pick<EmbeddedBroker, "onMessage" | "onPing" | "onPresence" | "connectedDevices" | "disconnect">;
  readonly registry: Pick<
    DeviceRegistry,
    "onBirth" | "onStatus" | "onReported" | "onConnected" | "onDisconnected" | "onSeen"
  >;
  readonly ingest: Pick<TelemetryIngest, "accept">;
  readonly unheard: Pick<UnheardDevices, "note" | "forget">;
  readonly blocks: BlockServer;
  readonly deltas: DeltaAnswers;
  readonly log: Logger;
  readonly now: () => number;
}

export interface BoundDeviceMessages extends Disposable {
  counters(): {
    /** By the topic on which they came. */
    readonly received: Readonly<Record<DeviceLeaf, number>>;
    readonly undecodable: number;
    readonly misplaced: number;
    readonly unknown: number;
    /** Bytes of the telemetry that could be read, what was sent twice included. */
    readonly telemetryBytes: number;
  };
}

/**
 * From the broker's bytes to the use cases. Whatever arrives is decoded completely or counted and dropped: nothing that a device
 * sends makes this throw. A message must come on the topic of its kind, or a right to one topic would be a right to all.
 */
export function bindDeviceMessages(options: DeviceMessageOptions): BoundDeviceMessages {
  const { broker, registry, ingest, unheard, blocks, deltas, log, now } = options;
  const counters = { undecodable: 0, misplaced: 0, unknown: 0, telemetryBytes: 0 };
  const received = Object.fromEntries(deviceLeaves.map((leaf) => [leaf, 0])) as Record<DeviceLeaf, number>;
  const refusalLog = createLogLimit();
  const failureLog = createLogLimit();

  function refuse(device: DeviceId, leaf: DeviceLeaf, problems: readonly string[]): void {
    refusalLog.write(now(), (heldBack) =>
      log.warn({ device, leaf, problems: problems.slice(0, 5), heldBack }, "a device sent what cannot be read"),
    );
  }

  function receive(device: DeviceId, leaf: DeviceLeaf, payload: Uint8Array): void {
    received[leaf] += 1;
    const message = decodeDeviceMessage(payload);
    if (!message.ok) {
      counters.undecodable += 1;
      refuse(device, leaf, message.problems);
    } else if (message.value.kind === "unknown") {
      counters.unknown += 1;
    } else if (leafOf(message.value) !== leaf) {
      counters.misplaced += 1;
      refuse(device, leaf, [`a ${message.value.kind} message belongs on ${leafOf(message.value)}`]);
    } else {
      if (message.value.kind === "telemetry") counters.telemetryBytes += payload.length;
      // A will comes from the broker in the device's name: no sign of life.
      if (leaf !== "status") registry.onSeen(device);
      const { kind } = message.value;
      void dispatch(device, message.value, payload.length).catch((error: unknown) => {
        if (kind === "birth" || kind === "status" || kind === "reported") unheard.note(device, error);
        failed(device, error);
      });
    }
  }

  async function dispatch(device: DeviceId, message: DeviceMessage, bytes: number): Promise<void> {
    switch (message.kind) {
      case "telemetry":
        return ingest.accept(device, message, bytes);
      case "birth":
        return registry.onBirth(device, message);
      case "status":
        return registry.onStatus(device, message);
      case "reported":
        return registry.onReported(device, message.reported);
      case "block-request":
        return blocks.answer(device, message);
      case "delta-request":
        return deltas.answer(device, message);
    }
  }

  function failed(device: DeviceId, error: unknown): void {
    failureLog.write(now(), (heldBack) =>
      log.error({ device, err: error, heldBack }, "a device's message could not be taken in"),
    );
  }

  const stops = [
    broker.onMessage(receive),
    broker.onPing((device) => registry.onSeen(device)),
    broker.onPresence(({ device, kind }) => {
      unheard.forget(device);
      const change = kind === "connected" ? registry.onConnected(device) : registry.onDisconnected(device);
      void change.catch((error: unknown) => failed(device, error));
    }),
  ];
  // Whoever came before this moment has said its birth to nobody: it will say it again.
  for (const device of broker.connectedDevices()) broker.disconnect(device);

  return {
    counters: () => ({ ...counters, received: { ...received } }),
    [Symbol.dispose]() {
      for (const stop of stops) stop();
    },
  };
}
