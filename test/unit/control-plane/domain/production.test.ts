import fc from "fast-check";
import { expect, test } from "vitest";
import type { ProductionStretch, Running } from "../../../../control-plane/domain/production.ts";
import { productionChanges, versionsInProduction } from "../../../../control-plane/domain/production.ts";
import { parseDeviceId, parseModelName, parseModelVersion } from "../../../../proto/ids.ts";
import type { ReportedState } from "../../../../proto/messages.ts";
import { digestOf } from "../../../support/messages.ts";

type Versions = Readonly<Record<string, string | undefined>>;

/** A report: model → version, or undefined for a model that is there without an active version. */
function reports(versions: Versions): ReportedState {
  const models = Object.entries(versions).map(([model, version]) => ({
    model: parseModelName(model),
    active:
      version === undefined
        ? undefined
        : { version: parseModelVersion(version), package: digestOf(1), variant: "fp32" },
    candidate: undefined,
    previous: undefined,
    phase: "idle" as const,
    failure: undefined,
  }));
  return { epoch: 1, generation: 1, models: models as ReportedState["models"], refusal: "" };
}

/** The open stretches of a device that runs this. */
function runs(versions: Readonly<Record<string, string>>, variant = "fp32"): readonly Running[] {
  return Object.entries(versions).map(([model, version]) => ({
    model: parseModelName(model),
    version: parseModelVersion(version),
    variant,
  }));
}

test.each([
  ["the first report", {}, { digits: "1" }, [], ["digits 1"]],
  ["nothing new", { digits: "1" }, { digits: "1" }, [], []],
  ["another version", { digits: "1" }, { digits: "2" }, ["digits"], ["digits 2"]],
  ["a model that was taken away", { digits: "1", faces: "1" }, { faces: "1" }, ["digits"], []],
  ["a model that lost its active version", { digits: "1" }, { digits: undefined }, ["digits"], []],
])("what changed: %s", (_what, before, after, ended, begun) => {
  const changes = productionChanges(runs(before), reports(after));
  expect(changes.ended).toEqual(ended);
  expect(changes.begun.map(({ model, version }) => `${model} ${version}`)).toEqual(begun);
});

test("another variant of the same version is another stretch", () => {
  const changes = productionChanges(runs({ digits: "1" }, "int8"), reports({ digits: "1" }));
  expect(changes).toMatchObject({ ended: ["digits"], begun: [{ version: "1", variant: "fp32" }] });
});

test("the stretches of one device never overlap, and what runs now is what it reported last", () => {
  const version = fc.option(fc.constantFrom("1", "2", "3"), { nil: undefined });
  const report = fc.record({ a: version, b: version }, { requiredKeys: [] });
  fc.assert(
    fc.property(fc.array(report, { minLength: 1 }), (told) => {
      const stretches: (Running & { from: number; to: number | undefined })[] = [];
      for (const [at, running] of told.entries()) {
        const open = stretches.filter(({ to }) => to === undefined);
        const { ended, begun } = productionChanges(open, reports(running as Versions));
        for (const model of ended) for (const one of open.filter((stretch) => stretch.model === model)) one.to = at;
        for (const one of begun) stretches.push({ ...one, from: at, to: undefined });
      }
      for (const model of ["a", "b"]) {
        const own = stretches.filter((one) => one.model === model);
        for (const [i, one] of own.entries())
          expect(own[i + 1]?.from ?? Infinity).toBeGreaterThanOrEqual(one.to ?? Infinity);
        expect(own.find(({ to }) => to === undefined)?.version).toBe((told.at(-1) as Versions)[model]);
      }
    }),
  );
});

const stretch = (device: string, version: string, startedAtMs: number, endedAtMs?: number): ProductionStretch => ({
  device: parseDeviceId(device),
  model: parseModelName("digits"),
  version: parseModelVersion(version),
  variant: "fp32",
  startedAtMs,
  endedAtMs,
});

test("a version's time in production is that of all its devices", () => {
  const stretches = [
    stretch("cam-1", "1", 0, 50),
    stretch("cam-2", "1", 10, 60),
    stretch("cam-1", "2", 50),
    stretch("cam-2", "2", 60),
  ];
  const common = { devicesAtMost: 2, devicesEver: 2 };
  expect(versionsInProduction(stretches, 100)).toEqual([
    { ...common, version: "1", devicesNow: 0, firstAtMs: 0, lastAtMs: 60, deviceMs: 100, followedBy: "2" },
    { ...common, version: "2", devicesNow: 2, firstAtMs: 50, lastAtMs: undefined, deviceMs: 90, followedBy: undefined },
  ]);
});

test("one device after the other is never more than one at a time", () => {
  const stretches = [stretch("cam-1", "1", 0, 50), stretch("cam-2", "1", 50, 60)];
  expect(versionsInProduction(stretches, 100)).toMatchObject([{ devicesAtMost: 1, devicesEver: 2 }]);
});

test("a version that was rolled back is followed by the one before it, and that one by what came last", () => {
  const stretches = [
    stretch("cam-1", "1", 0, 10),
    stretch("cam-1", "2", 10, 20),
    stretch("cam-1", "1", 20, 30),
    stretch("cam-1", "3", 30),
  ];
  const followers = versionsInProduction(stretches, 40).map(({ version, followedBy }) => `${version} ${followedBy}`);
  expect(followers).toEqual(["1 3", "2 1", "3 undefined"]);
});

test("never more devices at one time than ever, and never fewer than now", () => {
  const span = fc.record({
    device: fc.nat(3),
    version: fc.constantFrom("1", "2"),
    ms: fc.integer({ min: 1, max: 50 }),
  });
  fc.assert(
    fc.property(fc.array(span, { minLength: 1 }), fc.boolean(), (spans, runsOn) => {
      const free = new Map<number, number>();
      const stretches = spans.map(({ device, version, ms }, i) => {
        const from = free.get(device) ?? 0;
        free.set(device, from + ms);
        const last = spans.findLastIndex((other) => other.device === device) === i;
        return stretch(`cam-${device}`, version, from, last && runsOn ? undefined : from + ms);
      });
      for (const one of versionsInProduction(stretches, 10_000)) {
        expect(one.devicesAtMost).toBeLessThanOrEqual(one.devicesEver);
        expect(one.devicesAtMost).toBeGreaterThanOrEqual(Math.max(1, one.devicesNow));
        expect(one.followedBy).not.toBe(one.version);
        expect(one.lastAtMs === undefined).toBe(one.devicesNow > 0);
      }
    }),
  );
});
