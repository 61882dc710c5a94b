import { expect, test } from "vitest";
import { measurementsOf } from "../../../../control-plane/domain/device-measurements.ts";
import { gatherVariantEvidence } from "../../../../control-plane/domain/variant-evidence.ts";
import { parseDeviceId } from "../../../../proto/ids.ts";
import { binOf } from "../../../../proto/sketch/histogram.ts";
import { latencyEdges } from "../../../../proto/sketch/latency.ts";
import { aWindow } from "../../../support/messages.ts";

function aMeasuredWindow(device: string, variant: string, ms: number, inferences: number, errors = 0) {
  const latency = new Uint32Array(latencyEdges.length + 1);
  latency[binOf(latencyEdges, ms)] = inferences - errors;
  const window = aWindow({ variant, inferences, errors: [{ class: "runtime", count: errors }], latency });
  return { device: parseDeviceId(device), window };
}

const classes = new Map([
  [parseDeviceId("cam-1"), "arm64 dotprod"],
  [parseDeviceId("cam-2"), "x64 vnni"],
  [parseDeviceId("cam-3"), "arm64 dotprod"],
]);

test("devices of a class are added up, variant by variant; what a stranger says is left out", () => {
  const windows = [
    aMeasuredWindow("cam-2", "int8", 2, 100),
    aMeasuredWindow("cam-1", "int8", 10, 100),
    aMeasuredWindow("cam-3", "int8", 10, 300, 8),
    aMeasuredWindow("cam-1", "fp32", 40, 10),
    aMeasuredWindow("stranger", "fp32", 40, 10),
  ];
  const found = measurementsOf(gatherVariantEvidence(windows, (device) => classes.get(device)));
  expect(
    found.map(({ variant, deviceClass, inferences, errorShare }) => [variant, deviceClass, inferences, errorShare]),
  ).toEqual([
    ["fp32", "arm64 dotprod", 10, 0],
    ["int8", "arm64 dotprod", 400, 0.02],
    ["int8", "x64 vnni", 100, 0],
  ]);
  for (const [i, ms] of [40, 10, 2].entries()) {
    const { p50Ms, p95Ms } = found[i] ?? {};
    // Both lie in the bin of the true value.
    for (const quantile of [p50Ms, p95Ms])
      expect(Math.abs(Math.log2((quantile ?? Number.NaN) / ms))).toBeLessThanOrEqual(0.25);
  }
});

test("what applications told about answers adds up to a quality in the field", () => {
  const told = (right: number, wrong: number, values = 0, absoluteError = 0) => {
    const { device, window } = aMeasuredWindow("cam-1", values > 0 ? "regression" : "int8", 1, 100);
    return { device, window: { ...window, feedback: { right, wrong, values, absoluteError } } };
  };
  const windows = [
    told(30, 0),
    told(9, 1),
    aMeasuredWindow("cam-1", "int8", 1, 100),
    told(0, 0, 4, 2),
    told(0, 0, 1, 3),
  ];
  const found = measurementsOf(gatherVariantEvidence(windows, (device) => classes.get(device)));
  expect(found.map(({ variant, told: quality }) => [variant, quality])).toEqual([
    ["int8", { answers: 40, rightShare: 0.975, meanAbsoluteError: undefined }],
    ["regression", { answers: 5, rightShare: undefined, meanAbsoluteError: 1 }],
  ]);
});

test("where every inference failed there is a share of errors and no latency; what never ran is left out", () => {
  const windows = [aMeasuredWindow("cam-1", "int8", 1, 5, 5), aMeasuredWindow("cam-1", "fp32", 1, 0)];
  expect(measurementsOf(gatherVariantEvidence(windows, (device) => classes.get(device)))).toEqual([
    { variant: "int8", deviceClass: "arm64 dotprod", inferences: 5, errorShare: 1, p50Ms: undefined, p95Ms: undefined },
  ]);
});
