import { describe, expect, it } from "vitest";
import type { DetectorSettings } from "../../../../edge-agent/core/detector-limits.ts";
import { MetricWindow, streamDetectors } from "../../../../edge-agent/core/metric-window.ts";
import type { Tensor } from "../../../../proto/tensors.ts";
import { aManifest } from "../../../support/manifests.ts";
import { aVersion, digestOf } from "../../../support/messages.ts";

const slot = { version: aVersion, package: digestOf(1), variant: "fp32", file: digestOf(2) };
const floats = (values: readonly number[]) => new Uint8Array(Float32Array.from(values).buffer);
const images = (...means: readonly number[]): Tensor => ({
  name: "image",
  dataType: "float32",
  dims: [means.length, 1, 2, 2],
  rawData: floats(means.flatMap((mean) => [mean, mean, mean, mean])),
});
const logits = (...rows: readonly (readonly [number, number])[]): Tensor => ({
  name: "logits",
  dataType: "float32",
  dims: [rows.length, 2],
  rawData: floats(rows.flat()),
});
const aWindowOf = () => new MetricWindow(aManifest(), slot, true, 1_000);

describe("the window of a version", () => {
  it("counts each row of a batch in the bins of the reference", () => {
    const window = aWindowOf();
    window.count([images(0.25, 0.75, 2)], [logits([3, 1], [0, 1], [5, 0])], 0.5);
    const closed = window.close(61_000);
    expect(closed).toMatchObject({ inferences: 3, errors: [], startedAtMs: 1_000, endedAtMs: 61_000, trial: true });
    const [brightness, classes, confidence] = closed.streams.map(({ histogram }) => [...histogram.counts]);
    expect(brightness).toEqual([0, 1, 1, 1]);
    expect(classes).toEqual([2, 1]);
    expect(confidence?.reduce((sum, count) => sum + count, 0)).toBe(3);
    expect(closed.latency.reduce((sum, count) => sum + count, 0)).toBe(1);
  });

  it("counts errors by their class, and each as an inference", () => {
    const window = aWindowOf();
    window.countError("runtime");
    window.countError("runtime");
    window.countError("timeout");
    expect(window.close(2_000)).toMatchObject({
      inferences: 3,
      errors: [
        { class: "runtime", count: 2 },
        { class: "timeout", count: 1 },
      ],
      streams: [],
    });
  });

  it("counts what is no number as missing", () => {
    const window = aWindowOf();
    window.count([images(Number.NaN)], [logits([Number.NaN, 1])], 1);
    expect(window.close(2_000).streams.map(({ histogram }) => histogram.missing)).toEqual([1, 1, 1]);
  });

  it("tells of a value that was there and no number, far outside, or the same for too long", () => {
    const window = aWindowOf();
    window.count([images(Number.NaN, 0.7)], [logits([1, 0], [1, 0])], 1);
    for (let i = 0; i < 40; i++) window.count([images(0.25)], [logits([i, 0])], 1);
    expect(window.close(2_000).streams[0]).toMatchObject({ stuck: 40, notFinite: 1 });

    const streams = aManifest().reference.streams.map((stream) => ({ ...stream, counts: stream.counts.map(() => 5) }));
    const even = new MetricWindow(aManifest({ reference: { rows: 20, streams } }), slot, true, 1_000);
    even.count([images(4.1, 0.5)], [logits([1, 0], [1, 0])], 1);
    expect(even.close(2_000).streams.map(({ farOutside }) => farOutside)).toEqual([1, undefined, undefined]);
  });

  it("goes by what the publisher declares of a feature, and by the settings of the device", () => {
    const [brightness] = aManifest().features;
    const declared = aManifest({ features: [{ ...brightness!, range: { max: 1 }, stuckAfter: 2 }] });
    const detected = (settings?: DetectorSettings) => {
      const detectors = streamDetectors(declared, settings && (() => settings));
      const window = new MetricWindow(declared, slot, true, 1_000, detectors);
      window.count([images(0.5, 1.5, 1.5, 1.5)], [logits([1, 0], [2, 0], [3, 0], [4, 0])], 1);
      const [{ farOutside, stuck } = {}] = window.close(2_000).streams;
      return { farOutside, stuck };
    };
    expect(detected()).toEqual({ farOutside: 3, stuck: 3 });
    expect(detected({ farOutside: undefined, stuckAfter: 100 })).toEqual({ farOutside: undefined, stuck: 3 });
    expect(detected({ farOutside: 10, stuckAfter: undefined })).toEqual({ farOutside: 3, stuck: undefined });
  });

  it("counts nothing of a feature that this agent does not know, and is not alarmed", () => {
    const feature = { kind: "unknown", name: "brightness", input: "image", stated: "kind embedding-distance" } as const;
    const window = new MetricWindow(aManifest({ features: [feature] }), slot, true, 1_000);
    for (let i = 0; i < 40; i++) window.count([images(0.25)], [logits([1, 0])], 1);
    expect(window.close(2_000).streams.map(({ stream }) => stream)).toEqual([1, 2]);
  });

  it("reads tensors that begin anywhere in their memory", () => {
    const bytes = new Uint8Array(17);
    bytes.set(images(0.25).rawData, 1);
    const window = aWindowOf();
    window.count([{ ...images(0.25), rawData: bytes.subarray(1) }], [logits([1, 0])], 1);
    expect([...(window.close(2_000).streams[0]?.histogram.counts ?? [])]).toEqual([0, 1, 0, 0]);
  });

  it("does not end before it began, even when the wall clock was set back", () => {
    expect(aWindowOf().close(0).endedAtMs).toBe(1_000);
  });
});
