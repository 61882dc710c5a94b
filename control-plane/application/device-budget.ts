import type { DeviceId } from "../../proto/ids.ts";
import { days } from "../../proto/units.ts";

/**
 * How much telemetry of one device is stored in a day, so that one that lies, or is broken, cannot make the windows of all others give way to its own.
 * An honest device sends a hundredth of it, and has room for what it gathered in a month without a network.
 *
 * Only what is stored is charged: what a device sends again, because a full disk or a lost acknowledgement kept it waiting, is no use of it.
 * And who has used it up gets nothing in for a while, whatever its size: if small batches slipped in where large ones do not, the
 * records between them would be asked for in vain, and taken for lost in the end.
 */
export interface DeviceBudget {
  mayStore(device: DeviceId): "yes" | "no" | "no, for the first time today";
  charge(device: DeviceId, bytes: number): void;
}

interface Account {
  left: number;
  atMs: number;
  isClosed: boolean;
  toldAtMs: number;
}

/** Of a day's worth: so much must have come together again before the device that used all gets anything in. */
const reopensAt = 1 / 24;

export function createDeviceBudget(bytesPerDay: number, now: () => number): DeviceBudget {
  // One for each device that sent anything since the start, so as large as the fleet.
  const accounts = new Map<DeviceId, Account>();

  function accountOf(device: DeviceId): Account {
    const atMs = now();
    let account = accounts.get(device);
    if (account === undefined) {
      account = { left: bytesPerDay, atMs, isClosed: false, toldAtMs: -Infinity };
      accounts.set(device, account);
    }
    // A clock that was set back gives nothing and takes nothing.
    const elapsedMs = Math.max(0, atMs - account.atMs);
    account.left = Math.min(bytesPerDay, account.left + (elapsedMs / days(1)) * bytesPerDay);
    account.atMs = atMs;
    if (account.left >= reopensAt * bytesPerDay) account.isClosed = false;
    return account;
  }

  return {
    mayStore(device) {
      const account = accountOf(device);
      if (!account.isClosed) return "yes";
      if (account.atMs - account.toldAtMs < days(1)) return "no";
      account.toldAtMs = account.atMs;
      return "no, for the first time today";
    },
    charge(device, bytes) {
      const account = accountOf(device);
      account.left -= bytes;
      if (account.left <= 0) account.isClosed = true;
    },
  };
}
