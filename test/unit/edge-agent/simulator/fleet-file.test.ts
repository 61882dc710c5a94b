import { describe, expect, it } from "vitest";
import { FleetFileError, numberedFleet, parseFleet } from "../../../../edge-agent/simulator/fleet-file.ts";
import { parseCommand } from "../../../../edge-agent/simulator/line-protocol.ts";

describe("a fleet", () => {
  it("is a list of devices, with what each has of its own", () => {
    const text = JSON.stringify([
      { id: "cam-1", hardware: "cm4", labels: { site: "lyon" }, token: "t1" },
      { id: "cam-2" },
    ]);
    expect(parseFleet(text)).toEqual([
      { id: "cam-1", hardware: "cm4", labels: { site: "lyon" }, token: "t1" },
      { id: "cam-2", hardware: undefined, labels: {}, token: undefined },
    ]);
  });

  it("is refused with every mistake", () => {
    const text = JSON.stringify([{ id: "Cam 1" }, { id: "cam-2", labels: { site: 4 } }, { id: "cam-2", labels: [] }]);
    const mistakes = ["fleet[0].id", "fleet[1].labels", "fleet[2].labels", 'fleet[2].id: "cam-2" is there twice'];
    for (const mistake of mistakes) expect(() => parseFleet(text)).toThrow(mistake);
    for (const other of ["", "{}", "[4]", "null"]) expect(() => parseFleet(other)).toThrow(FleetFileError);
  });

  it("is numbered when only a count is given", () => {
    expect(numberedFleet(2, ["t1"], { site: "lyon" })).toEqual([
      { id: "sim-1", hardware: undefined, labels: { site: "lyon" }, token: "t1" },
      { id: "sim-2", hardware: undefined, labels: { site: "lyon" }, token: undefined },
    ]);
  });
});

describe("a line of the simulator's input", () => {
  it("disturbs cameras, or stops everything", () => {
    const disturb = { kind: "disturb", devices: ["cam-1"], effect: "blur" };
    expect(parseCommand(JSON.stringify(disturb))).toEqual({ ok: true, value: disturb });
    expect(parseCommand('{"kind":"stop"}')).toEqual({ ok: true, value: { kind: "stop" } });
  });

  it("is refused with every mistake", () => {
    expect(parseCommand('{"kind":"disturb","devices":["A B"],"effect":"melt"}')).toEqual({
      ok: false,
      problems: ["devices[0]: must be a device id", "effect: must be one of none, blur, noise, dark, shift"],
    });
    for (const line of ["", "4", "null", '{"kind":"dance"}']) expect(parseCommand(line).ok).toBe(false);
  });
});
