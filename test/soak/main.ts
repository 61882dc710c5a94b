/**
 * npm run soak -- day [--hours N]    : the agent's core lives so many simulated hours (24 unless told), with 200 updates a day
 * npm run soak -- swaps [--swaps N]  : the built daemon swaps its model so often (200 unless told), with real inference processes
 *
 * Prints how memory grows, with the standard error of the slope, and under which conditions (200 swaps are a day). Exits with 0 when
 * the slope and twice its error stay below one per cent a day, with 1 when memory grows by more, and with 3 when the samples are too
 * few or too scattered to say.
 */
import { parseArgs } from "node:util";
import { minutes, seconds } from "../../proto/units.ts";
import { readConditions } from "../bench/conditions.ts";
import { heapInUse, objectsInUse } from "./collect-garbage.ts";
import { swapForReal } from "./real-swaps.ts";
import { liveSimulated } from "./simulated-day.ts";
import type { Sample, Verdict } from "./slope.ts";
import { judgeGrowth, overall, slopeOf } from "./slope.ts";

const swapsADay = 200;
const hoursADay = 24;
const mostPercentADay = 1;
const exitCodes = { flat: 0, grows: 1, inconclusive: 3 } as const;
const words = {
  flat: `Memory does not grow by ${mostPercentADay} % a day.`,
  grows: `Memory grows by more than ${mostPercentADay} % a day.`,
  inconclusive: `Inconclusive: the error is too large to tell less than ${mostPercentADay} % a day from more. Repeat it for longer, or on a quieter machine.`,
} as const;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { hours: { type: "string", default: "24" }, swaps: { type: "string", default: "200" } },
});
const [kind] = positionals;
const isCount = (text: string) => /^\d+$/.test(text) && Number(text) >= 1;
if (
  positionals.length !== 1 ||
  !isCount(values.hours) ||
  !isCount(values.swaps) ||
  (kind !== "day" && kind !== "swaps")
) {
  process.stderr.write("usage: npm run soak -- day [--hours N]\n       npm run soak -- swaps [--swaps N]\n");
  process.exit(2);
}

process.env["ORT_DISABLE_TELEMETRY"] = "1";
const stop = new AbortController();
process.once("SIGINT", () => stop.abort(new Error("interrupted")));
const tell = (line: string) => void process.stdout.write(`${line}\n`);
tell(JSON.stringify(readConditions(), undefined, 2));
const verdict = kind === "day" ? await soakDay(Number(values.hours)) : await soakSwaps(Number(values.swaps));
tell(words[verdict]);
process.exitCode = exitCodes[verdict];

async function soakDay(hours: number): Promise<Verdict> {
  const objects: Sample[] = [];
  const began = performance.now();
  const lived = await liveSimulated({
    hours,
    // The engine compiles and caches for a while; that is not the agent's memory.
    warmUpHours: 12,
    inferenceEveryMs: seconds(4),
    swapEveryMs: minutes((hoursADay * 60) / swapsADay),
    async measure() {
      objects.push({ at: objects.length, value: await objectsInUse() });
      return await heapInUse();
    },
    signal: stop.signal,
  });
  const bytes = lived.samples.map(({ at, value }) => ({ at, value: value / 1_024 }));
  tell(
    `${hours} simulated hours, ${lived.swaps} updates, ${lived.inferences} inferences in ` +
      `${Math.round((performance.now() - began) / 1_000)} s`,
  );
  return overall([judge("heap, KiB", bytes, hoursADay), judge("objects", objects, hoursADay)]);
}

async function soakSwaps(swaps: number): Promise<Verdict> {
  const { held, resident, processesInTheEnd } = await swapForReal(swaps, 40, tell, stop.signal);
  tell(`${processesInTheEnd} inference process in the end`);
  const growth = judge("what the daemon holds, MiB", held, swapsADay);
  judge("daemon's memory (PSS), MiB, for information", resident, swapsADay);
  return processesInTheEnd === 1 ? growth : "grows";
}

function judge(what: string, samples: readonly Sample[], aDay: number): Verdict {
  const { slope, error, mean } = slopeOf(samples);
  const percent = (100 * slope * aDay) / mean;
  const percentError = (100 * error * aDay) / mean;
  tell(
    `${what}: ${mean.toFixed(1)} on average, ${percent.toFixed(2)} ± ${percentError.toFixed(2)} % a day ` +
      `(${samples[0]?.value.toFixed(1)} at first, ${samples.at(-1)?.value.toFixed(1)} in the end, ${samples.length} samples)`,
  );
  return judgeGrowth(percent, percentError, mostPercentADay);
}
