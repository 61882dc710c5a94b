import { encodeControlMessage, leafOfControlMessage } from "../../proto/codec.ts";
import type { DeviceGateway } from "../application/ports.ts";
import type { EmbeddedBroker } from "./embedded-broker.ts";

/** The use cases' way to devices: each message is encoded and goes out on the topic of its kind. */
export function createDeviceGateway(broker: Pick<EmbeddedBroker, "publish" | "disconnect">): DeviceGateway {
  return {
    send: (device, message) =>
      broker.publish(device, leafOfControlMessage[message.kind], encodeControlMessage(message)),
    disconnect: (device) => {
      broker.disconnect(device);
    },
  };
}
