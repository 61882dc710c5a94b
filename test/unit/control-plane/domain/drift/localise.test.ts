import { describe, expect, test } from "vitest";
import { explainDrift } from "../../../../../control-plane/domain/drift/localise.ts";
import { categoricalReference, device, draws, histogramOf, referenceFrom, seededNormal } from "./stream-builders.ts";

const normal = seededNormal(11);
const reference = referenceFrom(draws(5_000, normal));
const sites = ["lyon", "nice", "oslo"] as const;

/** Twelve devices, four at each site, two kinds of camera at every site; `shift` moves a device's values. */
function fleet(shift: (site: string, index: number) => number) {
  const { edges } = reference;
  return Array.from({ length: 12 }, (_, index) => {
    const site = sites[index % 3] as string;
    const labels = { site, camera: index % 2 === 0 ? "a" : "b", serial: `${index}` };
    const values = draws(300, () => normal() + shift(site, index));
    return device(`cam-${index}`, labels, histogramOf(edges, values).counts);
  });
}

test("the label with the largest share comes first, its most drifted value on top", () => {
  const { fleetShare, byLabel, withinShare } = explainDrift(
    fleet((site) => (site === "lyon" ? 0.5 : 0)),
    reference,
  );
  expect(byLabel.map(({ key }) => key)).toEqual(["site", "serial", "camera"]);
  const [site, , camera] = byLabel;
  expect(site?.values.map(({ value }) => value).toSorted()).toEqual(["lyon", "nice", "oslo"]);
  expect(site?.values[0]).toMatchObject({ value: "lyon", samples: 1200 });
  expect(site?.values[0]?.psiExcess).toBeGreaterThan(0.2);
  expect(site?.values[1]?.psiExcess).toBeLessThan(0.02);
  expect(site?.share).toBeGreaterThan(0.6);
  expect(camera?.share).toBeLessThan(0.05);
  expect(fleetShare + (site?.share ?? 0) + withinShare).toBeCloseTo(1, 12);
});

test("a label that refines another explains as much, and is not taken for it", () => {
  const [first, second] = explainDrift(
    fleet((site) => (site === "lyon" ? 0.5 : 0)),
    reference,
  ).byLabel;
  expect(first?.key).toBe("site");
  expect(second?.key).toBe("serial");
  expect(second?.share).toBeGreaterThan(0.6);
});

test("when everything moved, the fleet has the share and no label explains it", () => {
  const { fleetShare, byLabel } = explainDrift(
    fleet(() => 0.6),
    reference,
  );
  expect(fleetShare).toBeGreaterThan(0.95);
  for (const { share } of byLabel) expect(share).toBeLessThan(0.05);
});

test("when one device moved, only the label that tells it from the others explains it", () => {
  const { byLabel } = explainDrift(
    fleet((_, index) => (index === 4 ? 1.5 : 0)),
    reference,
  );
  expect(byLabel[0]?.key).toBe("serial");
  expect(byLabel[0]?.values[0]?.value).toBe("4");
});

test("missing values are split like any other bin", () => {
  const silent = [
    device("cam-1", { site: "lyon", camera: "a" }, [10, 10], 180),
    device("cam-2", { site: "lyon", camera: "b" }, [12, 8], 180),
    device("cam-3", { site: "nice", camera: "a" }, [100, 100]),
    device("cam-4", { site: "nice", camera: "b" }, [101, 99]),
  ];
  const { byLabel, withinShare } = explainDrift(silent, categoricalReference([300, 300]));
  expect(byLabel.map(({ key }) => key)).toEqual(["site", "camera"]);
  expect(byLabel[0]?.share).toBeGreaterThan(0.1);
  expect(byLabel[1]?.share).toBe(0);
  expect(withinShare).toBe(0);
});

describe("nothing to explain", () => {
  test("no device, no sample, no reference: all shares are 0", () => {
    const empty = { fleetShare: 0, withinShare: 0 };
    expect(explainDrift([], reference)).toEqual({ ...empty, byLabel: [] });
    const none = device("cam-1", { site: "lyon" }, [0, 0]);
    expect(explainDrift([none], categoricalReference([5, 5]))).toMatchObject(empty);
    expect(explainDrift([device("cam-1", {}, [5, 5])], categoricalReference([0, 0]))).toEqual({
      ...empty,
      byLabel: [],
    });
  });

  test("devices without the label are gathered in a value of their own", () => {
    const [site] = explainDrift(
      [device("cam-1", { site: "lyon" }, [50, 50]), device("cam-2", {}, [90, 10])],
      categoricalReference([50, 50]),
    ).byLabel;
    expect(site?.values.map(({ value }) => value)).toEqual(["(none)", "lyon"]);
  });
});
