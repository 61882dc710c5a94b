/**
 * Follows where the packets of an MQTT connection begin, as their bytes come, and sees when one announces more than it may have: mqtt.js
 * holds whatever is announced, up to the 256 MiB that the protocol can say [MQTT-2.2.3].
 */
export class IncomingPackets {
  readonly #mostBytes: number;
  /** Of the packet that is coming, behind its length. */
  #left = 0;
  /** Digits of the length that were read; undefined: the next byte is the first of a packet. */
  #digits: number | undefined;
  #length = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** False from the moment in which a packet is too large, or its length has no end. */
  fit(chunk: Uint8Array): boolean {
    for (let at = 0; at < chunk.length;) {
      if (this.#left > 0) {
        const passed = Math.min(this.#left, chunk.length - at);
        this.#left -= passed;
        at += passed;
        continue;
      }
      const byte = chunk[at++] as number;
      if (this.#digits === undefined) {
        this.#digits = 0;
        this.#length = 0;
        continue;
      }
      // The lower seven bits; the eighth says that there are more. [MQTT-2.2.3]
      this.#length += (byte & 0x7f) * 128 ** this.#digits;
      this.#digits++;
      if (this.#length > this.#mostBytes || (byte >= 0x80 && this.#digits === 4)) return false;
      if (byte >= 0x80) continue;
      this.#left = this.#length;
      this.#digits = undefined;
    }
    return true;
  }
}
