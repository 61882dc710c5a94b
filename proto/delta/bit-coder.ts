/**
 * An adaptive binary arithmetic coder: each yes-or-no question costs as many bits as its answer was surprising. It is the range coder
 * of LZMA (LZMA specification, "Range Decoder") with 32 bits of range and carry, and with the mean of two estimates for each question,
 * one that learns fast and one that learns slowly.
 *
 * Encoder and decoder have one interface, so that a model of the data is written once: `bit` is handed the answer and returns it, or
 * is handed undefined and finds it out.
 */
export interface BitCoder {
  /** `question` numbers the estimates in `odds`. */
  bit(odds: Odds, question: number, answer: number | undefined): number;
  /** `count` (at most 16) answers that nothing is known about, as one number. */
  plainBits(count: number, answers: number | undefined): number;
}

/** For each question how often the answer was 0, in 65,536ths: two estimates side by side. */
export class Odds {
  readonly fast: Uint16Array;
  readonly slow: Uint16Array;

  constructor(questions: number) {
    this.fast = new Uint16Array(questions).fill(32_768);
    this.slow = new Uint16Array(questions).fill(32_768);
  }

  /** The chance of a 0 in 4,096ths, never 0 and never 4,096. */
  zero(question: number): number {
    const mean = ((this.fast[question] as number) + (this.slow[question] as number)) >>> 5;
    return mean < 1 ? 1 : mean > 4_095 ? 4_095 : mean;
  }

  learn(question: number, answer: number): void {
    const fast = this.fast[question] as number;
    const slow = this.slow[question] as number;
    if (answer === 0) {
      this.fast[question] = fast + ((65_535 - fast) >>> 4);
      this.slow[question] = slow + ((65_535 - slow) >>> 7);
    } else {
      this.fast[question] = fast - (fast >>> 4);
      this.slow[question] = slow - (slow >>> 7);
    }
  }
}

const smallestRange = 2 ** 24;

/** Bytes of a decoder that are read before the first answer. */
export const coderHeadBytes = 5;

export class BitEncoder implements BitCoder {
  #chunks: Uint8Array[] = [];
  #chunk = new Uint8Array(65_536);
  #used = 0;
  #length = 0;
  #low = 0;
  #range = 0xffff_ffff;
  #held = 0;
  #heldCount = 1;

  bit(odds: Odds, question: number, answer: number): number {
    const bound = (this.#range >>> 12) * odds.zero(question);
    if (answer === 0) this.#range = bound;
    else {
      this.#low += bound;
      this.#range = (this.#range - bound) >>> 0;
    }
    odds.learn(question, answer);
    while (this.#range < smallestRange) this.#shift();
    return answer;
  }

  plainBits(count: number, answers: number): number {
    this.#range >>>= count;
    this.#low += answers * this.#range;
    while (this.#range < smallestRange) this.#shift();
    return answers;
  }

  /** Bytes so far, without those that are still held back. */
  get length(): number {
    return this.#length + this.#used;
  }

  /** Everything that was coded; the encoder cannot be used afterwards. */
  finish(): Uint8Array {
    for (let i = 0; i < coderHeadBytes; i++) this.#shift();
    const whole = new Uint8Array(this.length);
    let offset = 0;
    for (const chunk of [...this.#chunks, this.#chunk.subarray(0, this.#used)]) {
      whole.set(chunk, offset);
      offset += chunk.length;
    }
    return whole;
  }

  /** Hands out the top byte of `low`, once no carry can reach it any more. */
  #shift(): void {
    if (this.#low < 0xff00_0000 || this.#low > 0xffff_ffff) {
      const carry = this.#low > 0xffff_ffff ? 1 : 0;
      for (; this.#heldCount > 0; this.#heldCount--) {
        this.#put((this.#held + carry) & 0xff);
        this.#held = 0xff;
      }
      this.#held = Math.floor(this.#low / smallestRange) & 0xff;
    }
    this.#heldCount++;
    this.#low = (this.#low % smallestRange) * 256;
    this.#range = (this.#range * 256) >>> 0;
  }

  #put(byte: number): void {
    if (this.#used === this.#chunk.length) {
      this.#chunks.push(this.#chunk);
      this.#length += this.#used;
      this.#chunk = new Uint8Array(65_536);
      this.#used = 0;
    }
    this.#chunk[this.#used++] = byte;
  }
}

/** Reads what an encoder wrote; beyond the end it reads zeros and counts them in `overrun`. */
export class BitDecoder implements BitCoder {
  #bytes: Uint8Array = new Uint8Array();
  #position = 0;
  #code = 0;
  #range = 0xffff_ffff;
  #isStarted = false;
  overrun = 0;

  /** Bytes that were handed over and are not read yet. */
  get left(): number {
    return this.#bytes.length - this.#position;
  }

  /** Hands over the bytes that follow those that are left. */
  feed(bytes: Uint8Array): void {
    const joined = new Uint8Array(this.left + bytes.length);
    joined.set(this.#bytes.subarray(this.#position));
    joined.set(bytes, this.left);
    this.#bytes = joined;
    this.#position = 0;
  }

  bit(odds: Odds, question: number): number {
    if (!this.#isStarted) this.#start();
    const bound = (this.#range >>> 12) * odds.zero(question);
    let answer = 0;
    if (this.#code < bound) this.#range = bound;
    else {
      this.#code = (this.#code - bound) >>> 0;
      this.#range = (this.#range - bound) >>> 0;
      answer = 1;
    }
    odds.learn(question, answer);
    if (this.#range < smallestRange) this.#fill();
    return answer;
  }

  plainBits(count: number): number {
    if (!this.#isStarted) this.#start();
    this.#range >>>= count;
    // What no encoder writes may lie beyond the last answer.
    const answers = Math.min(Math.floor(this.#code / this.#range), 2 ** count - 1);
    this.#code = (this.#code - answers * this.#range) >>> 0;
    if (this.#range < smallestRange) this.#fill();
    return answers;
  }

  #start(): void {
    this.#isStarted = true;
    for (let i = 0; i < coderHeadBytes; i++) this.#code = (this.#code * 256 + this.#byte()) >>> 0;
  }

  #fill(): void {
    while (this.#range < smallestRange) {
      this.#range = (this.#range * 256) >>> 0;
      this.#code = (this.#code * 256 + this.#byte()) >>> 0;
    }
  }

  #byte(): number {
    if (this.#position < this.#bytes.length) return this.#bytes[this.#position++] as number;
    this.overrun += 1;
    return 0;
  }
}
