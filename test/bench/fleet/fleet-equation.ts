import { statSync } from "node:fs";
import Sqlite from "better-sqlite3";

import { round } from "../conditions.ts";
import type { FleetDevice } from "./fleet-device.ts";

const windowsOfDay = 24 * 60;

interface Account {
  readonly device: string;
  readonly lane: string;
  readonly epoch: string;
  readonly through: number;
  readonly counted_from: number;
  readonly received: number;
  readonly dropped: number;
  readonly lost: number;
}

/**
 * Holds every record that the devices numbered against the database of the control plane that has ended: each lane is stored to its
 * end, what was received, dropped and lost adds up to that, nothing was lost, and there are as many rows as were received.
 * A lane for which that does not hold is counted as broken.
 */
export function checkEquation(file: string, devices: readonly FleetDevice[]): Record<string, number> {
  const database = new Sqlite(file, { readonly: true });
  try {
    const accounts = new Map(
      (database.prepare("select * from telemetry_cursor").all() as Account[]).map((row) => [
        `${row.device} ${row.lane}`,
        row,
      ]),
    );
    const rows = database
      .prepare("select count(*) as rows, sum(length(payload)) as bytes from telemetry_record")
      .get() as {
      rows: number;
      bytes: number;
    };
    let records = 0;
    let broken = 0;
    let storedAsRows = 0;
    for (const { enrolled, lanes } of devices)
      for (const { lane, numbered } of Object.values(lanes)) {
        if (numbered === 0) continue;
        records += numbered;
        if (lane !== "health") storedAsRows += numbered;
        const account = accounts.get(`${enrolled.device} ${lane}`);
        const holds =
          account !== undefined &&
          account.through === numbered &&
          account.counted_from === 0 &&
          account.received === numbered &&
          account.dropped + account.lost === 0;
        if (!holds) broken += 1;
      }
    const size = (table: string) =>
      (database.prepare("select sum(pgsize) as bytes from dbstat where name = ?").get(table) as { bytes: number })
        .bytes;
    const ofRecords = size("telemetry_record") + size("telemetry_record_received");
    return {
      records,
      "lanes that do not add up": broken,
      "rows missing": storedAsRows - rows.rows,
      "bytes of a window's payload": Math.round(rows.bytes / rows.rows),
      "bytes in the file": Math.round(ofRecords / rows.rows),
      "kB a device and day": round((windowsOfDay * ofRecords) / rows.rows / 1_000, 0),
      "file MiB": Math.round(statSync(file).size / 2 ** 20),
    };
  } finally {
    database.close();
  }
}
