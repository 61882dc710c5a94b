import type { Aedes, Client } from "aedes";

/**
 * aedes has no limit on the size of a packet: it buffers what the fixed header announces. This file puts one in, at
 * the moment the length has been read and before the body is waited for. It is the only file that touches a private
 * field of aedes, so it insists on the version in which that field was read, and a test sends an oversized header.
 */
const supportedVersion = "1.2.0";

interface PacketParser {
  readonly packet: { readonly length: number };
  _parseLength(): boolean;
  emit(event: "error", error: Error): boolean;
  error: Error | null;
}

export class UnsupportedBrokerLibraryError extends Error {
  override readonly name = "UnsupportedBrokerLibraryError";
  readonly found: string;

  constructor(found: string) {
    super(
      `The broker's packet limit was written for aedes ${supportedVersion} and found ${found}. ` +
        `Install aedes ${supportedVersion}, or check control-plane/messaging/packet-cap.ts against the new version.`,
    );
    this.found = found;
  }
}

export class PacketTooLargeError extends Error {
  override readonly name = "PacketTooLargeError";
  readonly bytes: number;
  readonly allowed: number;

  constructor(bytes: number, allowed: number) {
    super(`a packet of ${bytes} bytes was announced, ${allowed} are allowed`);
    this.bytes = bytes;
    this.allowed = allowed;
  }
}

/** @throws UnsupportedBrokerLibraryError */
export function assertPacketCapFits(broker: Aedes): void {
  const version = (broker as Aedes & { readonly version?: string }).version ?? "no version";
  if (version !== supportedVersion) throw new UnsupportedBrokerLibraryError(version);
}

/**
 * Cuts the connection when a packet announces more than `allowedBytes()`, which is asked for each packet.
 * @throws UnsupportedBrokerLibraryError
 */
export function capPackets(client: Client, allowedBytes: () => number): void {
  const parser = (client as Client & { readonly _parser?: PacketParser })._parser;
  if (typeof parser?._parseLength !== "function")
    throw new UnsupportedBrokerLibraryError("a client without its parser");
  const parseLength = parser._parseLength.bind(parser);
  parser._parseLength = () => {
    if (!parseLength()) return false;
    const bytes = parser.packet.length;
    const allowed = allowedBytes();
    if (bytes <= allowed) return true;
    // Without the mark the parser would go on with what it has already buffered.
    parser.error = new PacketTooLargeError(bytes, allowed);
    parser.emit("error", parser.error);
    return false;
  };
}
