import type { DeviceId } from "../../proto/ids.ts";
import { days } from "../../proto/units.ts";

/**
 * How much telemetry of one device is taken in a day, so that one that lies, or is broken, cannot make the windows of all others give way to its own.
 * An honest device sends a hundredth of it, and has room for what it gathered in a month without a network.
 */
export interface DeviceBudget {
  take(device: DeviceId, bytes: number): "taken" | "refused" | "refused for the first time today";
}

interface Account {
  left: number;
  atMs: number;
  toldAtMs: number;
}

export function createDeviceBudget(bytesPerDay: number, now: () => number): DeviceBudget {
  // One for each device that sent anything since the start, so as large as the fleet.
  const accounts = new Map<DeviceId, Account>();
  return {
    take(device, bytes) {
      const atMs = now();
      let account = accounts.get(device);
      if (account === undefined) {
        account = { left: bytesPerDay, atMs, toldAtMs: -Infinity };
        accounts.set(device, account);
      }
      // A clock that was set back gives nothing and takes nothing.
      const elapsedMs = Math.max(0, atMs - account.atMs);
      account.left = Math.min(bytesPerDay, account.left + (elapsedMs / days(1)) * bytesPerDay);
      account.atMs = atMs;
      if (bytes <= account.left) {
        account.left -= bytes;
        return "taken";
      }
      if (atMs - account.toldAtMs < days(1)) return "refused";
      account.toldAtMs = atMs;
      return "refused for the first time today";
    },
  };
}
