import { describe, expect, it } from "vitest";

import { devicesElsewhere, devicesOf } from "../../../../../control-plane/domain/rollout/rollouts-side-by-side.ts";
import { parseRolloutId } from "../../../../../proto/ids.ts";
import { aFleetDevice, aRollout, anUpdate, startMs } from "../../../../support/rollout-builders.ts";

const inLyon = (id: string) => aFleetDevice(id, { labels: { site: "lyon" } });
const inParis = (id: string) => aFleetDevice(id, { labels: { site: "paris" } });

const begun = (id: string, selector: string, createdAtMs = startMs) =>
  aRollout({ selector }, { id: parseRolloutId(id), createdAtMs });

describe("the devices of a rollout", () => {
  it("are those that it has, and those that its selector names", () => {
    const devices = [
      inLyon("cam-a"),
      inLyon("cam-b"),
      inParis("cam-c"),
      aFleetDevice("cam-d", { labels: { site: "lyon" }, revokedAtMs: 1 }),
    ];
    expect([...devicesOf({ selector: "site=lyon" }, [anUpdate("cam-c")], devices)]).toEqual([
      "cam-c",
      "cam-a",
      "cam-b",
    ]);
  });
});

describe("what another rollout keeps one from taking in", () => {
  const first = begun("r-1", "site=lyon");
  const second = begun("r-2", "site=lyon or site=paris", startMs + 1);
  const devices = [inLyon("cam-a"), inLyon("cam-b"), inParis("cam-c"), inParis("cam-d")];
  const had = [anUpdate("cam-c")];

  it("is all that was begun before it names or has", () => {
    expect([...devicesElsewhere(second, [{ rollout: first, updates: had }], devices)].toSorted()).toEqual([
      "cam-a",
      "cam-b",
      "cam-c",
    ]);
  });

  it("is only what it has, where it was begun later", () => {
    expect([...devicesElsewhere(first, [{ rollout: second, updates: had }], devices)]).toEqual(["cam-c"]);
  });

  it("is never the same device for both, so one of them takes it", () => {
    const twin = begun("r-3", "all", first.createdAtMs);
    const mine = devicesElsewhere(first, [{ rollout: twin, updates: [] }], devices);
    const its = devicesElsewhere(twin, [{ rollout: first, updates: [] }], devices);
    expect([[...mine], [...its].toSorted()]).toEqual([[], ["cam-a", "cam-b"]]);
  });
});
