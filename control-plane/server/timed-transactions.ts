import { DurationCounts } from "../../proto/metrics/duration-counts.ts";
import type { Database } from "../application/stores.ts";

const commitEdges = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5] as const;

/** Counts the time that ingest spends in the database. */
export function timedTransactions(database: Database) {
  let milliseconds = 0;
  const durations = new DurationCounts(commitEdges);
  const timed: Pick<Database, "transaction" | "telemetry"> = {
    telemetry: database.telemetry,
    async transaction(work) {
      const began = performance.now();
      try {
        return await database.transaction(work);
      } finally {
        const took = performance.now() - began;
        milliseconds += took;
        durations.add(took / 1_000);
      }
    },
  };
  return { database: timed, milliseconds: () => Math.round(milliseconds), durations };
}
