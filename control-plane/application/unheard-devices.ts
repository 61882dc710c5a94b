import type { DeviceId } from "../../proto/ids.ts";
import type { Clock, DeviceGateway } from "./ports.ts";
import { StorageFullError } from "./storage-errors.ts";
import type { Database } from "./stores.ts";

/**
 * Devices of whose words about themselves (birth, status, report) nothing was stored, because no space was left. The broker has
 * acknowledged the message, so it does not come again by itself: until its next connection the device would be away here, with what
 * it ran before, and would be told nothing new. So its connection is ended once there is room, and it says everything anew. Not
 * before: ten thousand devices that connect in vain are no help to a full disk.
 */
export interface UnheardDevices {
  /** `error` is why nothing was stored; only a full disk is waited for. */
  note(device: DeviceId, error: unknown): void;
  /** Its connection has ended, or another one has begun: it says its birth anew. */
  forget(device: DeviceId): void;
  /** Ends the connections of all of them if something can be stored again. To be called every few seconds. */
  callAgain(): Promise<void>;
}

export interface UnheardDevicesOptions {
  readonly database: Pick<Database, "events">;
  readonly gateway: Pick<DeviceGateway, "disconnect">;
  readonly clock: Pick<Clock, "now">;
}

export function createUnheardDevices({ database, gateway, clock }: UnheardDevicesOptions): UnheardDevices {
  const unheard = new Set<DeviceId>();
  return {
    note(device, error) {
      if (error instanceof StorageFullError) unheard.add(device);
    },
    forget: (device) => void unheard.delete(device),
    async callAgain() {
      if (unheard.size === 0) return;
      const who = unheard.size === 1 ? "1 device connects" : `${unheard.size} devices connect`;
      const text = `there is room on the disk again: ${who} anew, because what they said while it was full is not stored`;
      const event = { atMs: clock.now(), kind: "storage.room-again", device: undefined, rollout: undefined, text };
      try {
        // The sentence is the trial, too: where it can be stored, a birth can.
        await database.events.add(event);
      } catch (error) {
        if (error instanceof StorageFullError) return;
        throw error;
      }
      const called = [...unheard];
      unheard.clear();
      for (const device of called) gateway.disconnect(device);
    },
  };
}
