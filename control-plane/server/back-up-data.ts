import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { copyFile, mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import type { DatabaseCopy } from "../storage/back-up-database.ts";
import { backUpDatabase } from "../storage/back-up-database.ts";
import { dataFiles } from "./config.ts";
import { writePrivateFile } from "./private-file.ts";

/** What was copied; `backup.json` in the directory says the same. */
export interface BackupReport {
  /** Absolute. */
  readonly directory: string;
  readonly madeAtMs: number;
  /** Of the program that made it: an older one may not read the database. */
  readonly version: string;
  readonly database: DatabaseCopy;
  readonly artifacts: { readonly files: number; readonly bytes: number; readonly copied: number };
  readonly keys: readonly string[];
}

/** Where a backup must not go, and what cannot be copied. */
export class BackupError extends Error {
  override readonly name = "BackupError";
}

/**
 * Copies a data directory while the control plane runs, or not, into a directory of the same layout: to restore it is to put it in the
 * place of the data directory.
 *
 * The database is copied first. Files are stored before the database names them, never change and are never removed, so whatever
 * the copy names is there when the files are copied after it. The database takes its place in the backup last: when this ends early,
 * the backup that was there before is still whole. Files that an earlier backup has already are not copied again.
 *
 * Rejects with the signal's reason. @throws BackupError, and the errors of backUpDatabase
 */
export async function backUpData(
  data: string,
  into: string,
  options: { readonly version: string; readonly now: () => number; readonly signal: AbortSignal },
): Promise<BackupReport> {
  const directory = resolve(into);
  try {
    return await copyAll(data, directory, options);
  } catch (error) {
    throw withPlace(error, directory);
  }
}

async function copyAll(
  data: string,
  directory: string,
  { version, now, signal }: Parameters<typeof backUpData>[2],
): Promise<BackupReport> {
  const from = dataFiles(resolve(data));
  const to = dataFiles(directory);
  await refuseWrongPlace(resolve(data), directory);
  await mkdir(directory, { recursive: true, mode: 0o700 });

  const madeAtMs = now();
  const fresh = `${to.database}.new`;
  const database = await backUpDatabase(from.database, fresh, signal);
  const artifacts = await copyArtifacts(from.artifacts, to.artifacts, signal);
  const keys = await copyKeys([
    [from.directorKey, to.directorKey],
    [from.sampleKey, to.sampleKey],
    [from.operatorToken, to.operatorToken],
  ]);
  await rename(fresh, to.database);
  const report: BackupReport = { directory, madeAtMs, version, database, artifacts, keys };
  await writePrivateFile(join(directory, "backup.json"), `${JSON.stringify(report, undefined, 2)}\n`);
  await syncFolder(directory);
  return report;
}

/** A full disk has many names, and none of them says which disk. */
function withPlace(error: unknown, directory: string): unknown {
  const { code = "", message } = error as NodeJS.ErrnoException;
  if (!/^(?:ENOSPC|EDQUOT|SQLITE_FULL|SQLITE_IOERR.*)$/.test(code)) return error;
  const sentence = `the backup in ${directory} could not be written (${message}): make room there, or name a directory on another disk; the backup that was there before is whole`;
  return new BackupError(sentence, { cause: error });
}

/** A control plane's own directory, or somebody's full one, is no place for a backup. */
async function refuseWrongPlace(data: string, directory: string): Promise<void> {
  const inside = relative(data, directory);
  if (!inside.startsWith("..") && !isAbsolute(inside))
    throw new BackupError(`${directory} is in the data directory itself: name another one, best on another disk`);
  const there = await namesIn(directory);
  // A backup that was put in the place of a data directory still says that it is one.
  if (there.includes("sedge.db.lock"))
    throw new BackupError(`${directory} is the data directory of a control plane: name another directory`);
  // What a backup that ended early leaves is only ever in these.
  const own = /^(?:artifacts|sedge\.db\.new.*)$/;
  if (there.length > 0 && !there.includes("backup.json") && !there.every((name) => own.test(name)))
    throw new BackupError(`${directory} is not empty, and holds no backup: name another directory`);
}

async function copyArtifacts(from: string, to: string, signal: AbortSignal): Promise<BackupReport["artifacts"]> {
  const incoming = join(to, "incoming");
  await rm(incoming, { recursive: true, force: true });
  await mkdir(incoming, { recursive: true, mode: 0o700 });
  const totals = { files: 0, bytes: 0, copied: 0 };
  for (const folder of await namesIn(join(from, "sha256")))
    for (const hex of await namesIn(join(from, "sha256", folder))) {
      signal.throwIfAborted();
      const [source, target] = [join(from, "sha256", folder, hex), join(to, "sha256", folder, hex)];
      const { size } = await stat(source);
      totals.files += 1;
      totals.bytes += size;
      const before = await stat(target).catch(undefinedWhenMissing);
      if (before?.size === size) continue;
      await copyChecked(source, target, join(incoming, randomUUID()));
      totals.copied += 1;
    }
  return totals;
}

/** A file gets its name in the backup only when its bytes are on the disk and hash to it. @throws BackupError */
async function copyChecked(source: string, target: string, temporary: string): Promise<void> {
  await copyFile(source, temporary);
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(temporary)) hash.update(chunk as Uint8Array);
  if (hash.digest("hex") !== basename(source))
    throw new BackupError(
      `${source} is damaged: its content is not what its name says. Restore it from an older backup`,
    );
  const handle = await open(temporary, "r+");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  await rename(temporary, target);
  await syncFolder(dirname(target));
}

async function copyKeys(files: readonly (readonly [string, string])[]): Promise<readonly string[]> {
  for (const [source, target] of files)
    await writePrivateFile(
      target,
      await readFile(source, "utf8").catch((cause: NodeJS.ErrnoException) => {
        throw new BackupError(`${source} cannot be read (${cause.code}): run as the user of \`sedge serve\``, {
          cause,
        });
      }),
    );
  return files.map(([source]) => basename(source));
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder).catch(undefinedWhenMissing)) ?? [];
}

async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function undefinedWhenMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === "ENOENT") return undefined;
  throw error;
}
