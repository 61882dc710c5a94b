import fc from "fast-check";
import { expect, test } from "vitest";
import type { ProductionStretch } from "../../../../control-plane/domain/production.ts";
import { productionChanges, versionsInProduction } from "../../../../control-plane/domain/production.ts";
import { parseDeviceId, parseModelName, parseModelVersion } from "../../../../proto/ids.ts";
import type { ReportedState } from "../../../../proto/messages.ts";
import { digestOf } from "../../../support/messages.ts";

type Running = Readonly<Record<string, string | undefined>>;

/** A report: model → version, or undefined for a model that is there without an active version. */
function reports(running: Running): ReportedState {
  const models = Object.entries(running).map(([model, version]) => ({
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

test.each([
  ["the first report", undefined, { digits: "1" }, [], ["digits 1"]],
  ["nothing new", { digits: "1" }, { digits: "1" }, [], []],
  ["another version", { digits: "1" }, { digits: "2" }, ["digits"], ["digits 2"]],
  ["a model that was taken away", { digits: "1", faces: "1" }, { faces: "1" }, ["digits"], []],
  ["a model that lost its active version", { digits: "1" }, { digits: undefined }, ["digits"], []],
])("what changed: %s", (_what, before, after, ended, begun) => {
  const changes = productionChanges(before && reports(before), reports(after));
  expect(changes.ended).toEqual(ended);
  expect(changes.begun.map(({ model, version }) => `${model} ${version}`)).toEqual(begun);
});

test("the stretches of one device never overlap, and what runs now is what it reported last", () => {
  const version = fc.option(fc.constantFrom("1", "2", "3"), { nil: undefined });
  const report = fc.record({ a: version, b: version }, { requiredKeys: [] });
  fc.assert(
    fc.property(fc.array(report, { minLength: 1 }), (told) => {
      const stretches: { model: string; version: string; from: number; to: number | undefined }[] = [];
      let before: ReportedState | undefined;
      for (const [at, running] of told.entries()) {
        const after = reports(running as Running);
        const { ended, begun } = productionChanges(before, after);
        for (const model of ended)
          for (const open of stretches.filter((one) => one.model === model && one.to === undefined)) open.to = at;
        for (const one of begun) stretches.push({ model: one.model, version: one.version, from: at, to: undefined });
        before = after;
      }
      for (const model of ["a", "b"]) {
        const own = stretches.filter((one) => one.model === model);
        for (const [i, one] of own.entries())
          expect(own[i + 1]?.from ?? Infinity).toBeGreaterThanOrEqual(one.to ?? Infinity);
        expect(own.find(({ to }) => to === undefined)?.version).toBe((told.at(-1) as Running)[model]);
      }
    }),
  );
});

test("a version's time in production is that of all its devices", () => {
  const stretch = (device: string, version: string, startedAtMs: number, endedAtMs?: number): ProductionStretch => ({
    device: parseDeviceId(device),
    model: parseModelName("digits"),
    version: parseModelVersion(version),
    variant: "fp32",
    startedAtMs,
    endedAtMs,
  });
  const stretches = [
    stretch("cam-1", "1", 0, 50),
    stretch("cam-2", "1", 10, 60),
    stretch("cam-1", "2", 50),
    stretch("cam-2", "2", 60),
  ];
  expect(versionsInProduction(stretches, 100)).toEqual([
    { version: "1", devicesNow: 0, devicesEver: 2, firstAtMs: 0, lastAtMs: 60, deviceMs: 100 },
    { version: "2", devicesNow: 2, devicesEver: 2, firstAtMs: 50, lastAtMs: undefined, deviceMs: 90 },
  ]);
});
