import type { Duplex } from "node:stream";

/**
 * Leaves what a connection has sent where it is for as long as `isHeld()` says so, so that TCP slows the sender down.
 *
 * aedes asks for more once it is done with the packets of the last chunk, but counts each announcement of new bytes as
 * a packet that it is done with. A sender of packets about as large as the chunks of a socket is therefore read without
 * a pause however long its messages wait: of 60 KiB messages, fifteen came into memory for each that went on. aedes
 * asks again after each packet that it is done with, so a refusal needs no later call from here.
 */
export function holdReading(stream: Duplex, isHeld: () => boolean): void {
  const read = stream.read.bind(stream);
  // A size of 0 takes nothing out: Node itself calls it so, to fill its own bounded buffer.
  stream.read = (size?: number) => (size !== 0 && isHeld() ? null : read(size));
}
