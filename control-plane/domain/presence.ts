/**
 * What the control plane believes about a device's connection. It starts as unknown, and becomes unknown again when the broker
 * restarts: that says nothing about the devices. The boot id and connection counter of birth and will tell a late will of an old
 * connection from the present one.
 */
export type Presence =
  | { readonly kind: "unknown" }
  | {
      readonly kind: "online";
      readonly bootId: string;
      readonly connection: number;
      readonly sinceMs: number;
      readonly lastSeenMs: number;
    }
  | { readonly kind: "offline"; readonly sinceMs: number; readonly lastSeenMs: number };

export const unknownPresence: Presence = { kind: "unknown" };
