import { describe, expect, it } from "vitest";
import { ChannelMeans } from "../../../../../control-plane/packaging/quantization/channel-means.ts";

describe("the means of channels", () => {
  it("are those of dimension 1, over all samples, each element counting alike", () => {
    const means = new ChannelMeans();
    means.add(Float32Array.of(1, 3, 10, 20), [1, 2, 2]);
    means.add(Float32Array.of(8, 6, 0, 0, 5, 1, 0, 0), [2, 2, 2]);
    expect(means.means()).toEqual([4, 5]);
  });

  it("are rounded to ten significant bits", () => {
    const means = new ChannelMeans();
    means.add(Float32Array.of(1.0003, 0, -3.001), [1, 3]);
    expect(means.means()).toEqual([1, 0, -3]);
  });

  it("are none of a value without channels, without elements, or whose channels change in number", () => {
    const [vector, nothing, changing] = [new ChannelMeans(), new ChannelMeans(), new ChannelMeans()];
    vector.add(Float32Array.of(1, 2), [2]);
    nothing.add(new Float32Array(), [0, 2]);
    changing.add(Float32Array.of(1, 2), [1, 2]);
    changing.add(Float32Array.of(1, 2, 3), [1, 3]);
    expect([vector, nothing, changing].map((one) => one.means())).toEqual([undefined, undefined, undefined]);
  });
});
