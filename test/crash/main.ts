/**
 * npm run crash [-- --per-cut N] [--seed N] : the power is cut at every disk operation of every scenario.
 * npm run crash -- strace [--stride N] : a real process on real files is killed, or refused, at every N-th system call (3 unless told).
 * npm run crash -- update [--every N]    : the same to the built agent while a control plane updates it, at every N-th call on its data (12).
 * npm run crash -- ext4 [--cuts N]       : the built agent updates on an ext4 on a loop device, whose power is cut (100 times unless told).
 *
 * Prints what was tried, how fast and under which conditions; exits with 1 when a promise was broken. N images are tried at each cut
 * (1,024 unless told): all that there are where they are fewer.
 */
import { parseArgs } from "node:util";
import { readConditions } from "../bench/conditions.ts";
import { explore } from "./explore.ts";
import { cutExt4, whyNoLoopDevice } from "./ext4-cuts.ts";
import { scenarios } from "./scenarios.ts";
import { injectEverywhere, whyNoStrace } from "./system-calls.ts";
import { traceUpdates } from "./traced-updates.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    "per-cut": { type: "string", default: "1024" },
    seed: { type: "string", default: "1" },
    stride: { type: "string", default: "3" },
    every: { type: "string", default: "12" },
    cuts: { type: "string", default: "100" },
  },
});
const perCut = Number(values["per-cut"]);
const seed = Number(values.seed);
const stride = Number(values.stride);
const every = Number(values.every);
const cuts = Number(values.cuts);
const ways = {
  cut: cutEverywhere,
  strace: injectIntoSystemCalls,
  update: injectIntoUpdates,
  ext4: cutRealPower,
} as const;
const [way = "cut"] = positionals;
const areCounts =
  [perCut, stride, every, cuts].every((count) => Number.isInteger(count) && count >= 1) && Number.isInteger(seed);
if (!areCounts || positionals.length > 1 || !isWay(way)) {
  process.stderr.write(
    "usage: npm run crash [-- --per-cut N] [--seed N]\n       npm run crash -- strace [--stride N]\n" +
      "       npm run crash -- update [--every N]\n" +
      "       npm run crash -- ext4 [--cuts N] [--seed N]\n",
  );
  process.exit(2);
}

const stop = new AbortController();
process.once("SIGINT", () => stop.abort(new Error("interrupted")));

const tell = (line: string) => process.stdout.write(`${line}\n`);
tell(JSON.stringify(readConditions(), undefined, 2));
const broken = await ways[way]();
process.exitCode = broken > 0 || stop.signal.aborted ? 1 : 0;

function isWay(text: string): text is keyof typeof ways {
  return Object.hasOwn(ways, text);
}

async function cutEverywhere(): Promise<number> {
  tell(`at most ${perCut} images at each cut, seed ${seed}`);
  let findingsInAll = 0;
  let all = 0;
  const begun = performance.now();
  for (const scenario of scenarios)
    for (const rules of ["posix", "ext4"] as const) {
      if (stop.signal.aborted) break;
      const started = performance.now();
      const options = { rules, seed, perCut, restarts: 0.01, secondCuts: 0.1, signal: stop.signal };
      const { operations, images, enumerated, restarted, findings } = await explore(scenario, options);
      const perSecond = Math.round((1_000 * images) / (performance.now() - started));
      findingsInAll += findings.length;
      all += images;
      tell(
        `${scenario.name}, ${rules}: ${operations} operations, ${images} images (${enumerated} of cuts with no more), ` +
          `${restarted} lived on, ${perSecond} images/s, ${findings.length} findings`,
      );
      for (const finding of findings) tell(`  ${JSON.stringify(finding)}`);
    }
  const seconds = (performance.now() - begun) / 1_000;
  tell(`${all} images in ${seconds.toFixed(0)} s, ${Math.round(all / seconds)} images/s, ${findingsInAll} findings`);
  return findingsInAll;
}

async function injectIntoSystemCalls(): Promise<number> {
  const reason = whyNoStrace();
  if (reason !== undefined) {
    tell(`skipped: ${reason}`);
    return 0;
  }
  const { injected, broken: found } = await injectEverywhere(stride, tell, stop.signal);
  tell(`${injected} injections, every ${stride}. call, ${found.length} findings`);
  for (const one of found) tell(`  ${one}`);
  return found.length;
}

async function injectIntoUpdates(): Promise<number> {
  const reason = whyNoStrace();
  if (reason !== undefined) {
    tell(`skipped: ${reason}`);
    return 0;
  }
  const begun = performance.now();
  const [{ injected, notHit, broken: found }] = await traceUpdates({ every, tell, signal: stop.signal });
  const minutesTaken = (performance.now() - begun) / 60_000;
  tell(
    `${injected} injections in ${minutesTaken.toFixed(1)} min, ${notHit} calls that did not come, ${found.length} findings`,
  );
  for (const one of found) tell(`  ${one}`);
  return found.length;
}

async function cutRealPower(): Promise<number> {
  const reason = whyNoLoopDevice();
  if (reason !== undefined) {
    tell(`skipped: ${reason}`);
    return 0;
  }
  const done = await cutExt4(cuts, seed, tell, stop.signal);
  tell(
    `${done.cuts} cuts during ${done.updates} updates, seed ${seed}; the journal repaired ${done.recovered}; ` +
      `${done.broken.length} findings`,
  );
  for (const one of done.broken) tell(`  ${one}`);
  return done.broken.length;
}
