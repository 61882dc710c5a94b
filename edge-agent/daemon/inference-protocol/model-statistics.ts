import type { Spent, VersionStatistics } from "../../core/version-statistics.ts";

/**
 * One version in the answer of Triton's statistics extension (extension_statistics.md). There is no cache in front of a model, so
 * nothing is ever found in one or missing from it.
 *
 * @param now milliseconds since 1970
 */
export function modelStatistics(statistics: VersionStatistics, now: number): object {
  const { model, version, lastRequestMsAgo, inferences, executions, batches } = statistics;
  const { answered, failed, queue, computeInput, computeInfer, computeOutput } = statistics;
  return {
    name: model,
    version,
    last_inference: lastRequestMsAgo === undefined ? 0 : Math.round(now - lastRequestMsAgo),
    inference_count: inferences,
    execution_count: executions,
    inference_stats: {
      success: durationStat(answered),
      fail: durationStat(failed),
      queue: durationStat(queue),
      compute_input: durationStat(computeInput),
      compute_infer: durationStat(computeInfer),
      compute_output: durationStat(computeOutput),
      cache_hit: durationStat(nothing),
      cache_miss: durationStat(nothing),
    },
    batch_stats: batches.map((batch) => ({
      batch_size: batch.rows,
      compute_input: durationStat(batch.computeInput),
      compute_infer: durationStat(batch.computeInfer),
      compute_output: durationStat(batch.computeOutput),
    })),
  };
}

const nothing: Spent = { count: 0, ms: 0 };

function durationStat({ count, ms }: Spent): object {
  return { count, ns: Math.round(ms * 1_000_000) };
}
