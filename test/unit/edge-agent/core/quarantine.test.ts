import { describe, expect, it } from "vitest";
import type { Surroundings } from "../../../../edge-agent/core/quarantine.ts";
import { quarantineOf, standingIn, withQuarantined } from "../../../../edge-agent/core/quarantine.ts";
import { parseRolloutId } from "../../../../proto/ids.ts";
import { digestOf } from "../../../support/messages.ts";
import { aQuarantine, theseSurroundings as here } from "../../../support/quarantines.ts";

const first = parseRolloutId("r-1");
const second = parseRolloutId("r-2");
const others: Readonly<Record<string, Surroundings>> = {
  "another runtime": { ...here, runtime: { name: "onnxruntime-web", version: "1.30.0" } },
  "another version of the runtime": { ...here, runtime: { name: "onnxruntime-node", version: "1.31.0" } },
  "another agent": { ...here, agentVersion: "0.2.0" },
  "another processor": { ...here, cpuFlags: ["asimd", "asimddp"] },
};

describe("a quarantined variant", () => {
  it("is barred on the device where its outputs were wrong, whoever asks", () => {
    const entry = aQuarantine({ rollout: first });
    expect(quarantineOf([entry], entry, here, first)).toBe(entry);
    expect(quarantineOf([entry], entry, here, second)).toBe(entry);
  });

  it.each(["not-loadable", "no-answer"] as const)("that was %s is tried again when another rollout asks", (cause) => {
    const entry = aQuarantine({ cause, rollout: first });
    expect(quarantineOf([entry], entry, here, first)).toBe(entry);
    expect(quarantineOf([entry], entry, here, second)).toBeUndefined();
  });

  it.each(Object.entries(others))("is tried again with %s, and no longer spoken of", (_name, there) => {
    const entry = aQuarantine();
    expect(quarantineOf([entry], entry, there, undefined)).toBeUndefined();
    expect(standingIn(there, [entry])).toEqual([]);
    expect(standingIn(here, [entry])).toEqual([entry]);
  });

  it("says nothing about another file, nor about the same file in a package with other golden outputs", () => {
    const entry = aQuarantine();
    expect(quarantineOf([entry], { ...entry, file: digestOf(0x77) }, here, undefined)).toBeUndefined();
    expect(quarantineOf([entry], { ...entry, package: digestOf(3) }, here, undefined)).toBeUndefined();
  });
});

describe("the quarantine of a model", () => {
  it("keeps one entry for a file, the newest entries, and none of other surroundings", () => {
    const again = aQuarantine({ cause: "no-answer" });
    expect(withQuarantined([aQuarantine()], again)).toEqual([again]);
    const old = aQuarantine({ where: { ...here, agentVersion: "0.0.9" }, file: digestOf(0x13) });
    expect(withQuarantined([old], again)).toEqual([again]);
    const many = Array.from({ length: 40 }, (_, i) => aQuarantine({ file: digestOf(i) }));
    expect(many.reduce(withQuarantined, [])).toEqual(many.slice(-32));
  });
});
