import { createLogLimit } from "../application/log-limit.ts";
import type { Clock, Logger } from "../application/ports.ts";
import type { HttpBinding } from "../http/http-server.ts";
import type { IsExempt } from "../messaging/address-limits.ts";
import { createAddressCap } from "../messaging/address-limits.ts";
import type { ServerConfig } from "./config.ts";

/** How many connections were ended as they came, by why. */
export type RefusedConnections = Readonly<Record<"too-many-connections" | "too-many-of-address", number>>;

/** Strangers can neither take up all connections nor fill the disk with what is written of that. */
export function httpBinding(
  { host, port, connections, connectionsOfAddress }: ServerConfig["http"],
  isExempt: IsExempt,
  log: Pick<Logger, "warn">,
  clock: Pick<Clock, "now">,
): HttpBinding & { refused(): RefusedConnections } {
  const limit = createLogLimit();
  const refused = { "too-many-connections": 0, "too-many-of-address": 0 };
  return {
    host,
    port,
    connections,
    addresses: createAddressCap(connectionsOfAddress, isExempt),
    onRefused(address) {
      refused[address === "" ? "too-many-connections" : "too-many-of-address"] += 1;
      limit.write(clock.now(), (heldBack) =>
        log.warn({ address, heldBack }, "an HTTP connection was refused: there are as many as are allowed"),
      );
    },
    refused: () => refused,
  };
}
