import { randomBytes } from "node:crypto";
import { access, constants, readFile, rm, stat, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { errorCode } from "../../adapters/node/durable-files.ts";
import { mebibytes } from "../../../proto/units.ts";
import { sizeText } from "../console-text.ts";
import type { Finding } from "./finding.ts";
import { failed, ok, warning } from "./finding.ts";

/** Models are not given the last of a disk, so that state and spool have room (file-store.ts). */
const spare = { fewBytes: mebibytes(64), noBytes: mebibytes(16) } as const;
/** File systems that forget everything at power off. */
const forgetful: ReadonlySet<string> = new Set(["tmpfs", "ramfs"]);

export async function checkDirectory(data: string): Promise<readonly Finding[]> {
  const check = "directory";
  let mode: number;
  try {
    const found = await stat(data);
    if (!found.isDirectory()) return [failed(check, `${data} is not a directory`, "name another one with --data")];
    mode = found.mode;
  } catch (error) {
    const advice =
      errorCode(error) === "ENOENT"
        ? "`sedge-agent enrol` makes it; or name the right one with --data"
        : "run this as root, or as the user who runs the agent";
    return [failed(check, `${data} cannot be looked at: ${messageOf(error)}`, advice)];
  }
  return [...(await checkAccess(data, mode)), await checkSpace(data), await checkForgetting(data)];
}

async function checkAccess(data: string, mode: number): Promise<readonly Finding[]> {
  const check = "directory";
  const probe = join(data, `.doctor-${randomBytes(6).toString("hex")}`);
  try {
    await access(data, constants.R_OK | constants.W_OK | constants.X_OK);
    await writeFile(probe, "can the agent write here?");
    await rm(probe);
  } catch (error) {
    const advice = "give it to the user who runs the agent (chown -R), and mount its file system for writing";
    return [failed(check, `${data} cannot be written: ${messageOf(error)}`, advice)];
  }
  const others = mode & 0o077;
  if (others === 0) return [ok(check, `${data}, for its owner only`)];
  return [warning(check, `${data} is open to others (mode ${(mode & 0o777).toString(8)})`, `chmod 700 ${data}`)];
}

async function checkSpace(data: string): Promise<Finding> {
  const disk = await statfs(data);
  return judgeSpace(disk.bavail * disk.bsize, disk.ffree);
}

/** `freeInodes` is 0 on file systems that have no limit of their own. */
export function judgeSpace(freeBytes: number, freeInodes: number): Finding {
  const check = "disk space";
  const free = `${sizeText(freeBytes)} free`;
  const advice = "remove something from this file system: updates, telemetry and logs need room";
  if (freeBytes < spare.noBytes) return failed(check, `${free}: no update can be taken`, advice);
  if (freeBytes < spare.fewBytes) return warning(check, `${free}: a larger model will not fit`, advice);
  if (freeInodes > 0 && freeInodes < 200) return warning(check, `${freeInodes} more files can be made`, advice);
  return ok(check, free);
}

async function checkForgetting(data: string): Promise<Finding> {
  const mounts = await readFile("/proc/self/mountinfo", "utf8").catch(() => "");
  const type = fileSystemOf(data, mounts);
  const check = "file system";
  if (type === undefined) return ok(check, "its kind is not known here");
  if (!forgetful.has(type)) return ok(check, type);
  const advice = "put the directory on a disk: with data in the configuration, or --data";
  return warning(check, `${type}: models, enrolment and telemetry are gone at power off`, advice);
}

/** From Linux's /proc/self/mountinfo (proc(5)): the mount point is the 5th field, the type follows the hyphen. */
export function fileSystemOf(path: string, mountInfo: string): string | undefined {
  let best = "";
  let type: string | undefined;
  for (const line of mountInfo.split("\n")) {
    const fields = line.split(" ");
    const point = (fields[4] ?? "").replaceAll(String.raw`\040`, " ");
    const isAbove = point === "/" || path === point || path.startsWith(`${point}/`);
    if (point === "" || !isAbove || point.length < best.length) continue;
    best = point;
    type = fields[fields.indexOf("-") + 1];
  }
  return type;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
