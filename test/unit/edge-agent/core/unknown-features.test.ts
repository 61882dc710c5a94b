import { expect, it } from "vitest";
import type { FeatureSpec } from "../../../../proto/manifest.ts";
import { AgentWorld } from "../../../support/agent-world.ts";
import { logLines } from "../../../support/log-lines.ts";

const about = { name: "brightness", input: "image" };
/** As a newer packager writes them: this version has no type for them. */
const newer = [
  { kind: "embedding-distance", ...about, to: "centroid" },
  { kind: "measure", ...about, measure: { statistic: "mean", gamma: 2.2 } },
] as unknown as readonly FeatureSpec[];

it.each(newer.map((feature) => [feature.kind, feature] as const))(
  "a package with a feature of a newer packager (%s) is taken, confirmed and counted without it; the log says so",
  async (_, feature) => {
    const log = logLines();
    const world = new AgentWorld({ log });
    world.device.start();
    await world.install("1.0.0");
    world.control.assign(world.device.id, [
      world.control.package({ version: "2.0.0", manifest: { features: [feature] } }),
    ]);
    await world.run(180_000);
    expect(world.modelState()?.active?.version).toBe("2.0.0");
    const streams = (version: string) =>
      world.control
        .windowsOf(world.device.id)
        .findLast((window) => window.version === version)
        ?.streams.map(({ stream }) => stream);
    expect(streams("1.0.0")).toEqual([0, 1, 2]);
    expect(streams("2.0.0")).toEqual([1, 2]);
    expect(log.lines.filter((line) => line.includes("features of a newer packager"))).toHaveLength(1);
  },
);
