import fc from "fast-check";
import { expect, test } from "vitest";
import type { ArchiveStep, VersionUses } from "../../../../control-plane/domain/model-archive.ts";
import { archivedBy, obstaclesToArchive } from "../../../../control-plane/domain/model-archive.ts";
import type { Device } from "../../../../control-plane/domain/device.ts";
import { parseDeviceId, parseModelName, parseModelVersion } from "../../../../proto/ids.ts";
import type { ModelReport } from "../../../../proto/messages.ts";
import { aModel } from "../../../support/messages.ts";
import {
  aFleetDevice,
  aReport,
  aRollout,
  anUpdate,
  newPackage,
  newVersion,
  oldPackage,
  oldVersion,
  startMs,
} from "../../../support/rollout-builders.ts";
import { nothingReported } from "../../../support/scripted-device.ts";

const nothing: VersionUses = { devices: [], wantedBy: [], rollouts: [], aliases: [] };

/** Of the old version, which is to be archived. */
function obstacles(uses: Partial<VersionUses>): readonly string[] {
  return obstaclesToArchive(aModel, oldVersion.version, { ...nothing, ...uses });
}

function reporting(id: string, report: ModelReport, overrides: Partial<Device> = {}): Device {
  return aFleetDevice(id, { reported: { ...nothingReported, models: [report] }, ...overrides });
}

function neverHeardOf(id: string, overrides: Partial<Device> = {}): Device {
  return aFleetDevice(id, { reported: undefined, ...overrides });
}

const oldSlot = aReport(oldPackage).active;
const runsNew = aReport(newPackage);

test("a version that nothing uses may go", () => {
  expect(obstacles({ devices: [reporting("cam-1", runsNew), neverHeardOf("cam-2")] })).toEqual([]);
});

test.each([
  ["active", { active: oldSlot }, "cam-1 has it active: roll out another version first"],
  ["candidate", { candidate: oldSlot }, "cam-1 tries it at the moment: wait until the trial is over"],
  [
    "previous",
    { previous: oldSlot },
    "cam-1 keeps it as its previous model, to go back to: it is free when another rollout has taken its place",
  ],
])("a device that has it as its %s model keeps it", (_slot, slots, reason) => {
  const report = { ...runsNew, ...slots };
  expect(obstacles({ devices: [reporting("cam-1", report)] })).toEqual([reason]);
  expect(obstacles({ devices: [reporting("cam-1", report, { revokedAtMs: 5 })] })).toEqual([]);
  const other = { ...report, model: parseModelName("faces") };
  expect(obstacles({ devices: [reporting("cam-1", other)] })).toEqual([]);
});

test("a device that is off and was assigned it has it when it comes back", () => {
  const wantedBy = [parseDeviceId("cam-1"), parseDeviceId("gone")];
  const devices = [neverHeardOf("cam-1"), neverHeardOf("gone", { revokedAtMs: 5 })];
  expect(obstacles({ devices, wantedBy })).toEqual([
    "cam-1 is to get it when it connects: roll out another version first, or revoke the device",
  ]);
});

test("of many devices a few are named", () => {
  const devices = ["a1", "a2", "a3", "a4", "a5"].map((id) => reporting(id, aReport(oldPackage)));
  expect(obstacles({ devices })).toEqual([
    "each of a1, a2, a3 and 2 more has it active: roll out another version first",
  ]);
  expect(obstacles({ devices: devices.slice(0, 2) })[0]).toMatch(/^each of a1 and a2 has/);
});

test("an alias that points at it is named with what moves it", () => {
  const alias = { model: aModel, alias: "champion", version: oldVersion.version, movedAtMs: 0 };
  expect(obstacles({ aliases: [alias] })).toEqual([
    'the alias digits@champion points at it: move it ("sedge model alias set digits@champion VERSION") or remove it',
  ]);
  expect(obstacles({ aliases: [{ ...alias, version: newVersion.version }] })).toEqual([]);
});

test.each([
  ["brings it", aRollout(oldVersion), [], "rollout r-1 of it is running: wait for its end"],
  ["may give it back", aRollout(newVersion), [anUpdate("cam-1")], "rollout r-1 is running and may give it back: wait"],
  [
    "is complete and takes in who joins",
    aRollout(oldVersion, { phase: { kind: "complete", atMs: startMs } }),
    [],
    "rollout r-1 gives it to devices that join the fleet: roll out another version first",
  ],
])("a rollout that %s keeps it", (_what, rollout, updates, reason) => {
  expect(obstacles({ rollouts: [{ rollout, updates }] })).toEqual([expect.stringContaining(reason)]);
});

test("a complete rollout of another version keeps nothing: what devices could go back to, they say themselves", () => {
  const rollout = aRollout(newVersion, { phase: { kind: "complete", atMs: startMs } });
  expect(obstacles({ rollouts: [{ rollout, updates: [anUpdate("cam-1")] }] })).toEqual([]);
});

test("every reason is told, not only the first", () => {
  const alias = { model: aModel, alias: "champion", version: oldVersion.version, movedAtMs: 0 };
  const uses = {
    devices: [reporting("cam-1", aReport(oldPackage))],
    rollouts: [{ rollout: aRollout(oldVersion), updates: [] }],
    aliases: [alias, { ...alias, alias: "stable" }],
  };
  expect(obstacles(uses)).toHaveLength(4);
});

test("whether a version is archived follows from its own newest step", () => {
  const step = fc.record({
    version: fc.constantFrom("1", "2").map(parseModelVersion),
    kind: fc.constantFrom("archived" as const, "restored" as const),
  });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const history = steps.map((one, seq): ArchiveStep => ({
        ...one,
        seq,
        model: aModel,
        atMs: seq,
        by: "operator",
        comment: undefined,
      }));
      for (const version of ["1", "2"].map(parseModelVersion)) {
        const own = history.filter((one) => one.version === version);
        const found = archivedBy(history, aModel, version);
        expect(found).toBe(own.at(-1)?.kind === "archived" ? own.at(-1) : undefined);
      }
    }),
  );
});
