const significantBits = 10;

/** Sums up the means of a value's channels, its dimension 1, over everything that was seen of it. */
export class ChannelMeans {
  #sums = new Float64Array();
  /** How many elements of each channel were seen. */
  #count = 0;
  #isOfOneShape = true;

  add(values: Float32Array, dims: readonly number[]): void {
    if (values.length === 0) return;
    const channels = dims[1] ?? 0;
    if (this.#count === 0) this.#sums = new Float64Array(channels);
    if (channels === 0 || channels !== this.#sums.length) this.#isOfOneShape = false;
    if (!this.#isOfOneShape) return;
    const inner = dims.slice(2).reduce((all, dim) => all * dim, 1);
    for (let start = 0, channel = 0; start < values.length; start += inner) {
      let sum = 0;
      for (let i = start; i < start + inner; i++) sum += values[i] as number;
      this.#sums[channel] = (this.#sums[channel] as number) + sum;
      channel = channel + 1 === channels ? 0 : channel + 1;
    }
    this.#count += values.length / channels;
  }

  /**
   * One mean for each channel, rounded to ten significant bits, so that the last bits of float kernels hardly ever change a file that is
   * made with them. Undefined for a value that was not seen, or whose number of channels changed.
   */
  means(): readonly number[] | undefined {
    if (this.#count === 0 || !this.#isOfOneShape) return undefined;
    return Array.from(this.#sums, (sum) => rounded(sum / this.#count));
  }
}

function rounded(value: number): number {
  if (value === 0 || !Number.isFinite(value)) return value;
  const unit = 2 ** (Math.floor(Math.log2(Math.abs(value))) + 1 - significantBits);
  return Math.round(value / unit) * unit;
}
