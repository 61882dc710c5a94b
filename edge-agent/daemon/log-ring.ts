import { closeSync, mkdirSync, openSync, renameSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { kibibytes } from "../../proto/units.ts";
import { logDirectory } from "./data-directory.ts";

/**
 * The daemon's last log lines in two files of bounded size: `agent.log` grows, and takes the place of `agent.log.1` when it is full.
 * It is there beside the journal because a journal is in memory on many devices, or not there at all, and because whoever looks at a
 * device after a fault has often no right to read it.
 *
 * Lines are written at once and never synced: the newest may be lost with the power, and a log wears no flash by itself. A disk that
 * takes no more lines costs only the lines.
 */
export interface LogRing {
  write(line: string): void;
}

export const logFiles = { now: "agent.log", before: "agent.log.1" } as const;

export function openLogRing(data: string, maxBytes: number = kibibytes(512)): LogRing {
  const directory = logDirectory(data);
  const path = join(directory, logFiles.now);
  let file: number | undefined;
  let bytes = 0;
  const open = () => {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    file = openSync(path, "a", 0o600);
    bytes = statSync(path).size;
  };
  const turn = () => {
    if (file !== undefined) closeSync(file);
    file = undefined;
    renameSync(path, join(directory, logFiles.before));
    open();
  };
  return {
    write(line) {
      try {
        if (file === undefined) open();
        if (bytes > 0 && bytes + Buffer.byteLength(line) > maxBytes) turn();
        if (file !== undefined) bytes += writeSync(file, line);
      } catch {
        // Standard error has the line; a log must not end what it tells of.
      }
    },
  };
}
