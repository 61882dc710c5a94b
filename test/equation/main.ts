/**
 * npm run equation [-- --schedules N] [--seed N] : lives through schedules of disturbances, and holds what the control plane has
 * against what the device wrote.
 *
 * A tenth of the schedules has a disk that is copied to a second device. Prints what was tried and how fast; exits with 1 when the
 * equation does not hold, with the schedule as it was drawn.
 */
import { parseArgs } from "node:util";
import * as fc from "fast-check";
import { readConditions } from "../bench/conditions.ts";
import { brokenEquations } from "./check-equation.ts";
import { liveThrough } from "./live-through.ts";
import type { Schedule } from "./schedule.ts";
import { clonedSchedule, honestSchedule } from "./schedule.ts";

const { values } = parseArgs({
  options: {
    schedules: { type: "string", default: "20000" },
    seed: { type: "string", default: "1" },
    help: { type: "boolean", default: false },
  },
});
const [schedules, seed] = [Number(values.schedules), Number(values.seed)];
if (values.help || !Number.isInteger(schedules) || schedules < 1 || !Number.isInteger(seed)) {
  process.stderr.write("usage: npm run equation [-- --schedules N] [--seed N]\n");
  process.exit(values.help ? 0 : 2);
}

const tell = (line: string) => process.stdout.write(`${line}\n`);
tell(JSON.stringify(readConditions(), undefined, 2));
const begun = performance.now();
let tried = 0;
let broken = 0;
let isStopped = false;
process.once("SIGINT", () => {
  isStopped = true;
});

const perDraw = 1_000;
for (let drawn = 0; drawn < schedules && !isStopped; drawn += perDraw) {
  const count = Math.min(perDraw, schedules - drawn);
  const of = (arbitrary: fc.Arbitrary<Schedule>, numRuns: number) =>
    fc.sample(arbitrary, { numRuns, seed: seed + drawn });
  const cloned = Math.floor(count / 10);
  for (const schedule of [...of(honestSchedule, count - cloned), ...of(clonedSchedule, cloned)]) {
    if (isStopped) break;
    tried += 1;
    using lived = await liveThrough(schedule);
    const findings = brokenEquations(lived);
    if (findings.length === 0) continue;
    broken += 1;
    tell(`${JSON.stringify(findings)}\n  ${JSON.stringify(schedule)}`);
  }
}
const seconds = (performance.now() - begun) / 1_000;
tell(`${tried} schedules in ${seconds.toFixed(0)} s, ${Math.round(tried / seconds)} a second, ${broken} broken`);
process.exitCode = broken > 0 ? 1 : 0;
