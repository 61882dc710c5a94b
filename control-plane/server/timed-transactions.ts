import type { Database } from "../application/stores.ts";

/** Counts the time that ingest spends in the database. */
export function timedTransactions(database: Database) {
  let milliseconds = 0;
  const timed: Pick<Database, "transaction" | "telemetry"> = {
    telemetry: database.telemetry,
    async transaction(work) {
      const began = performance.now();
      try {
        return await database.transaction(work);
      } finally {
        milliseconds += performance.now() - began;
      }
    },
  };
  return { database: timed, milliseconds: () => Math.round(milliseconds) };
}
