import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { seconds } from "../../../proto/units.ts";
import type { Conditions } from "../conditions.ts";
import type { BenchOptions, BenchResult } from "../main.ts";
import { checkEquation } from "./fleet-equation.ts";
import {
  commandLine,
  connectAll,
  driftOfSite,
  firstVersion,
  settingsRollout,
  settle,
  siteWithoutLink,
  stagedRollout,
  steady,
} from "./fleet-phases.ts";
import type { FleetRun, Row } from "./fleet-run.ts";
import { withFleet } from "./fleet-run.ts";

const repository = fileURLToPath(new URL("../../..", import.meta.url));
const entryIn = (tree: string): string => join(resolve(tree), "dist/control-plane/cli/main.js");
const steadyMs = seconds(60);

/**
 * A day in the life of a large fleet: a control plane in a process of its own, and so many devices that do on the wire what agents do, in
 * this process. With `--against TREE` another built tree goes through the same first, so that its figures stand beside
 * these, under the same conditions.
 */
export async function benchFleet(
  conditions: Conditions,
  signal: AbortSignal,
  { devices = 2_000, against, profile }: BenchOptions,
): Promise<BenchResult> {
  const trees = against === undefined ? [repository] : [against, repository];
  const rows: Row[] = [];
  for (const tree of trees) {
    const entry = entryIn(tree);
    const flags = ["--drift-window", "30s"];
    const ofTree = await withFleet({ entry, devices, flags, profileTo: profile }, signal, (run) => live(run, entry));
    rows.push(
      ...ofTree.map((row) => (trees.length === 1 ? row : { tree: tree === repository ? "this" : "other", ...row })),
    );
  }
  return {
    name: "fleet",
    conditions,
    rows,
    notes: [
      `${devices} devices in one process on the same machine; no files are fetched`,
      "loop: how long somebody who comes at a random moment waits for the control plane's event loop",
      "a window a minute, but every 20 s from the staged rollout on; drift judged every 30 s instead of 5 min",
    ],
  };
}

async function live(run: FleetRun, entry: string): Promise<Row[]> {
  const rows = [
    await run.measured("first connection of all", () => connectAll(run)),
    await run.measured("first version, one stage", () => firstVersion(run)),
    await run.measured("steady", () => steady(run, steadyMs)),
    await run.measured("command line", () => commandLine(run, entry)),
    await run.measured("shadow and three stages, kill -9", () => stagedRollout(run)),
    await run.measured("settings in two stages", () => settingsRollout(run)),
    await run.measured("a site drifts", () => driftOfSite(run)),
    await run.measured("a site without link", () => siteWithoutLink(run)),
  ];
  await run.end("SIGTERM");
  const began = performance.now();
  const startMs = await run.start();
  rows.push(
    await run.measured("restart, all come back", async () => ({
      "start ms": Math.round(startMs),
      ...(await connectAll(run, began)),
    })),
  );
  rows.push(await run.measured("all acknowledged", () => settle(run)));
  await run.end("SIGTERM");
  return [...rows, { phase: "equation", ...checkEquation(join(run.data, "sedge.db"), run.devices) }];
}
