import { RefusedError } from "./broker-connection.ts";
import { PacketTooLargeError } from "./packet-cap.ts";

/** What the end of a connection means to the counters. */
export type ConnectionEnd = "packet-size" | "protocol" | "slow-reader" | "ordinary";

// aedes gives its own errors no code; these are the texts of the version that packet-cap.ts insists on.
const ordinaryMessages: ReadonlySet<string> = new Set(["keep alive timeout", "connection closed"]);
const drainMessage = "drain timeout";

export function connectionEndOf(error: Error): ConnectionEnd {
  // Counted where it was refused.
  if (error instanceof RefusedError) return "ordinary";
  if (error instanceof PacketTooLargeError) return "packet-size";
  if (error.message === drainMessage) return "slow-reader";
  // A reset or a broken pipe is the network's doing.
  if ("syscall" in error || ordinaryMessages.has(error.message)) return "ordinary";
  if ("code" in error && error.code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH") return "packet-size";
  return "protocol";
}
