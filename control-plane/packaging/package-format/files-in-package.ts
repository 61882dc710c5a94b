import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { limits } from "../../../proto/limits.ts";
import { fail } from "./package-fault.ts";

/** Files beside those of the statement that a directory may have before looking at it ends: the signature. */
const most = limits.packageFiles + 1;

/**
 * The plain files of a directory by their paths inside it, with their sizes. Nothing is followed: rejects with PackageVerifyError for a
 * link, or whatever else is neither a file nor a directory, for two names that differ only in their case, and for too many files.
 */
export async function filesInPackage(directory: string): Promise<ReadonlyMap<string, number>> {
  const files = new Map<string, number>();
  const folded = new Map<string, string>();
  const folders = [""];
  for (let folder = folders.shift(); folder !== undefined; folder = folders.shift())
    for (const name of (await readdir(join(directory, folder))).toSorted()) {
      const path = folder === "" ? name : `${folder}/${name}`;
      const twin = folded.get(path.toLowerCase());
      if (twin !== undefined)
        fail({ kind: "unsigned-file", path }, `${twin} and ${path} are one file where capital letters do not count`);
      folded.set(path.toLowerCase(), path);
      // Not stat: a link may lead anywhere.
      const entry = await lstat(join(directory, path));
      if (entry.isDirectory()) folders.push(path);
      else if (entry.isFile()) files.set(path, entry.size);
      else
        fail({ kind: "special-file", path }, `${path} is a link or a special file: a package holds plain files only`);
      if (folded.size > 2 * most) fail({ kind: "unsigned-file", path }, `there are more files than a package may have`);
    }
  return files;
}
