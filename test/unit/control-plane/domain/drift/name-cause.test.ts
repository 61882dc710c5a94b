import { describe, expect, test } from "vitest";
import { defaultDriftPolicy } from "../../../../../control-plane/domain/drift/drift-policy.ts";
import { describeCause, nameCause } from "../../../../../control-plane/domain/drift/name-cause.ts";
import { parseDeviceId } from "../../../../../proto/ids.ts";
import { categoricalReference, device, draws, histogramOf, referenceFrom, seededNormal } from "./stream-builders.ts";

const normal = seededNormal(5);
const reference = referenceFrom(draws(600, normal));

interface Fault {
  readonly shift?: number;
  readonly missing?: number;
  readonly samples?: number;
}

/** Twelve devices: three sites of four, two kinds of camera at every site. */
function causeOf(fault: (site: string, index: number) => Fault) {
  const { edges } = reference;
  const fleet = Array.from({ length: 12 }, (_, index) => {
    const site = ["lyon", "nice", "oslo"][index % 3] as string;
    const { shift = 0, missing = 0, samples = 200 } = fault(site, index);
    const values = draws(samples, () => normal() + shift);
    const { counts } = histogramOf(edges, values);
    return device(`cam-${index}`, { site, camera: index % 2 === 0 ? "a" : "b", serial: `s${index}` }, counts, missing);
  });
  return nameCause(fleet, reference, defaultDriftPolicy);
}

describe("a cohort", () => {
  test.each([0.6, 1, 3, 30])("one site moved by %d standard deviations is named, and not the others", (shift) => {
    expect(causeOf((site) => (site === "lyon" ? { shift } : {}))).toEqual({
      kind: "cohort",
      key: "site",
      values: ["lyon"],
    });
  });

  test("two sites of three", () => {
    expect(causeOf((site) => (site === "nice" ? {} : { shift: 1 }))).toEqual({
      kind: "cohort",
      key: "site",
      values: ["lyon", "oslo"],
    });
  });

  test("a site whose sensors went silent", () => {
    expect(causeOf((site) => (site === "lyon" ? { samples: 20, missing: 180 } : {}))).toMatchObject({
      values: ["lyon"],
    });
  });

  test("a site whose devices count too few samples each to be judged alone", () => {
    const cause = causeOf((site) => (site === "lyon" ? { shift: 1.2, samples: 60 } : { samples: 60 }));
    expect(cause).toEqual({ kind: "cohort", key: "site", values: ["lyon"] });
  });

  test("the devices differ a little from each other, as real ones do", () => {
    expect(causeOf((site, index) => ({ shift: (site === "lyon" ? 1 : 0) + 0.03 * (index % 5) }))).toMatchObject({
      key: "site",
      values: ["lyon"],
    });
  });
});

describe("the fleet", () => {
  test.each([0.7, 3])("moved by %d as a whole", (shift) => {
    expect(causeOf(() => ({ shift }))).toEqual({ kind: "fleet" });
  });
});

test("a fleet that moved as a whole is not blamed on the cohort that chance put over the limit", () => {
  // PSI 0.25 in lyon and 0.19 in nice, on either side of the limit of 0.2, and hardly apart from each other.
  const lyon = ["cam-1", "cam-2"].map((id) => device(id, { site: "lyon" }, [296, 104]));
  const nice = ["cam-3", "cam-4"].map((id) => device(id, { site: "nice" }, [284, 116]));
  const even = categoricalReference([5_000, 5_000]);
  expect(nameCause([...lyon, ...nice], even, defaultDriftPolicy)).toEqual({ kind: "fleet" });
  expect(nameCause(lyon, even, defaultDriftPolicy)).toEqual({ kind: "fleet" });
  expect(nameCause(nice, even, defaultDriftPolicy)).toEqual({ kind: "unclear" });
});

describe("single devices", () => {
  test("one broken device does not put the blame on its site", () => {
    expect(describeCause(causeOf((_, index) => (index === 4 ? { shift: 2 } : {})))).toMatch(
      /^(device cam-4|serial=s4)$/,
    );
  });

  test("two at different sites", () => {
    const cause = causeOf((_, index) => (index === 4 || index === 5 ? { shift: 2 } : {}));
    expect(describeCause(cause)).toMatch(/^(device cam-4, device cam-5|serial=s4, serial=s5)$/);
  });
});

test("devices that only lack a label are not a cohort: they are named one by one", () => {
  const { edges } = reference;
  const counts = (shift: number) =>
    histogramOf(
      edges,
      draws(200, () => normal() + shift),
    ).counts;
  const fleet = [
    device("cam-1", {}, counts(2)),
    device("cam-2", { site: "nice" }, counts(0)),
    device("cam-3", { site: "nice" }, counts(0)),
    device("cam-4", { site: "nice" }, counts(0)),
  ];
  expect(nameCause(fleet, reference, defaultDriftPolicy)).toEqual({ kind: "devices", devices: ["cam-1"] });
});

test("without drift nobody is named", () => {
  expect(causeOf(() => ({}))).toEqual({ kind: "unclear" });
  expect(nameCause([], reference, defaultDriftPolicy)).toEqual({ kind: "unclear" });
});

test("causes in words", () => {
  expect(describeCause({ kind: "cohort", key: "site", values: ["lyon", "oslo"] })).toBe("site=lyon, site=oslo");
  expect(describeCause({ kind: "devices", devices: [parseDeviceId("cam-3")] })).toBe("device cam-3");
  expect(describeCause({ kind: "fleet" })).toBe("the whole fleet");
  expect(describeCause({ kind: "unclear" })).toBe("no cohort or device stands out");
});
