import { hours, minutes, seconds } from "../../proto/units.ts";
import type { TestPackage } from "../support/agent-control.ts";
import { AgentWorld } from "../support/agent-world.ts";
import type { Sample } from "./slope.ts";

export interface SimulatedSpan {
  readonly hours: number;
  /** Lived before and not measured: code is compiled, and caches fill. */
  readonly warmUpHours: number;
  readonly inferenceEveryMs: number;
  readonly swapEveryMs: number;
  /** Asked once in each hour, always at the same moment of what repeats in it. */
  readonly measure: () => Promise<number>;
  /** A mistake to be found: whatever it makes for a swap is never let go of. */
  readonly leak?: (swap: number) => unknown;
  readonly signal?: AbortSignal;
}

export interface LivedSpan {
  /** What was measured, by the hour. */
  readonly samples: readonly Sample[];
  /** While it was measured. */
  readonly swaps: number;
  readonly inferences: number;
  readonly failed: number;
}

/**
 * The agent's core on a simulated device: inferences all the time, an update to the next of three packages again and again (so that
 * each has to be fetched, tried and confirmed anew, and the oldest is thrown away), and the network away for a tenth of each hour.
 */
export async function liveSimulated(span: SimulatedSpan): Promise<LivedSpan> {
  const world = new AgentWorld();
  const { device, control, hub, clock } = world;
  device.start();
  const packages = ["1", "2", "3"].map((version) => control.package({ version }));
  const kept: unknown[] = [];
  const samples: Sample[] = [];
  const counts = { swaps: 0, inferences: 0, failed: 0 };
  let swap = 0;
  const measuredFrom = hours(span.warmUpHours);
  const end = measuredFrom + hours(span.hours);
  for (let now = 0; now <= end; now += span.inferenceEveryMs) {
    span.signal?.throwIfAborted();
    hub.setReachable(device.id, now % hours(1) < minutes(54));
    if (now % span.swapEveryMs < span.inferenceEveryMs) {
      const next = packages[swap % packages.length] as TestPackage;
      control.assign(device.id, [next], { telemetry: { windowMs: minutes(1) } });
      kept.push(span.leak?.(swap));
      swap++;
      if (now >= measuredFrom) counts.swaps++;
    }
    if (now > seconds(30))
      void world.infer().then(
        () => counts.inferences++,
        () => counts.failed++,
      );
    await clock.advance(span.inferenceEveryMs);
    if (now < measuredFrom || now % hours(1) >= span.inferenceEveryMs) continue;
    forgetHistory(world);
    samples.push({ at: now / hours(1), value: await span.measure() });
  }
  const serving = world.modelState()?.active?.version;
  await device.stop();
  if (serving === undefined || counts.failed > 0)
    throw new Error(`${serving ?? "nothing"} was active in the end, and ${counts.failed} inferences failed`);
  return { samples, ...counts };
}

/** The control side of the tests keeps all that it ever heard; here it keeps what it needs to go on. */
function forgetHistory({ control }: AgentWorld): void {
  for (const records of control.records.values()) records.splice(0, records.length - 1);
  for (const heard of [control.births, control.reports, control.statuses]) heard.splice(0);
}
