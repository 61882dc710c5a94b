import type { EmbeddedBroker, EmbeddedBrokerOptions } from "../messaging/embedded-broker.ts";
import { startEmbeddedBroker } from "../messaging/embedded-broker.ts";
import type { ServerConfig } from "./config.ts";
import { explainListenError } from "./port-taken-error.ts";

type Surroundings = Pick<
  EmbeddedBrokerOptions,
  "identity" | "isExempt" | "isOwnOrigin" | "authenticate" | "log" | "now"
>;

/** @throws PortTakenError, AddressNotAvailableError, UnsupportedBrokerLibraryError */
export async function startBroker({ mqtt }: ServerConfig, surroundings: Surroundings): Promise<EmbeddedBroker> {
  const { host, port, webSocketPort, webSocketOrigins, connectionsOfAddress } = mqtt;
  try {
    return await startEmbeddedBroker({
      ...surroundings,
      host,
      port,
      ...(webSocketPort !== undefined && { webSocketPort }),
      webSocketOrigins,
      limits: { connectionsOfAddress },
    });
  } catch (error) {
    throw explainListenError(error, host, port, "--mqtt-port or --web-socket-port");
  }
}
