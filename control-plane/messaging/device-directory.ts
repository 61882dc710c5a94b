import type { DeviceId } from "../../proto/ids.ts";

export interface Presence {
  readonly device: DeviceId;
  readonly kind: "connected" | "disconnected";
  /** Milliseconds of the broker's clock. */
  readonly at: number;
}

/** The parts of a device's connection that decide whether it counts. */
interface DeviceConnection {
  readonly rights: { readonly device: DeviceId };
  readonly pace: { stop(): void };
  readonly client: { readonly closed: boolean; readonly conn: { readonly destroyed: boolean }; close(): void };
}

/**
 * Which device is connected through which client: at most one, the newest.
 *
 * The library keeps a list of its own, but an old connection that ends late can take the entry of its successor with
 * it. So this list decides, an arrival closes whoever was there before, and the end of a connection counts only while
 * it is the current one. For each device the reports alternate: connected, disconnected, connected.
 */
export interface DeviceDirectory<Connection extends DeviceConnection> {
  arrive(connection: Connection): void;
  depart(connection: Connection): void;
  get(device: DeviceId): Connection | undefined;
  isCurrent(connection: Connection): boolean;
  devices(): readonly DeviceId[];
  connections(): readonly Connection[];
}

export function createDeviceDirectory<Connection extends DeviceConnection>(
  report: (presence: Presence) => void,
  now: () => number,
): DeviceDirectory<Connection> {
  const current = new Map<DeviceId, Connection>();

  function depart(connection: Connection): void {
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
    connections: () => [...current.values()],
  };
}
