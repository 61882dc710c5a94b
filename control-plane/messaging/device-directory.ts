import type { Client } from "aedes";
import type { DeviceId } from "../../proto/ids.ts";
import type { Admitted } from "./broker-connection.ts";

export interface Presence {
  readonly device: DeviceId;
  readonly kind: "connected" | "disconnected";
  /** Milliseconds of the broker's clock. */
  readonly at: number;
}

/**
 * Which device is connected through which client: at most one, the newest.
 *
 * The library keeps a list of its own, but an old connection that ends late can take the entry of its successor with
 * it. So this list decides, an arrival closes whoever was there before, and the end of a connection counts only while
 * it is the current one. For each device the reports alternate: connected, disconnected, connected.
 */
export interface DeviceDirectory {
  arrive(connection: Admitted): void;
  depart(connection: Admitted): void;
  get(device: DeviceId): Admitted | undefined;
  isCurrent(connection: Admitted): boolean;
  devices(): readonly DeviceId[];
  clients(): readonly Client[];
}

export function createDeviceDirectory(report: (presence: Presence) => void, now: () => number): DeviceDirectory {
  const current = new Map<DeviceId, Admitted>();

  function depart(connection: Admitted): void {
    connection.pace.stop();
    const { device } = connection.rights;
    if (current.get(device) !== connection) return;
    current.delete(device);
    report({ device, kind: "disconnected", at: now() });
  }

  return {
    arrive(connection) {
      // A client may be announced after its socket has ended, and then nobody would announce its departure.
      if (connection.client.closed || connection.client.conn.destroyed) return;
      const { device } = connection.rights;
      const before = current.get(device);
      if (before !== undefined) {
        depart(before);
        before.client.close();
      }
      current.set(device, connection);
      report({ device, kind: "connected", at: now() });
    },
    depart,
    get: (device) => current.get(device),
    isCurrent: (connection) => current.get(connection.rights.device) === connection,
    devices: () => [...current.keys()],
    clients: () => [...current.values()].map((connection) => connection.client),
  };
}
