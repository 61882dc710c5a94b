import { mkdir, open, readFile, rename, stat } from "node:fs/promises";
import { dirname } from "node:path";

/** A file that keeps a secret can be read by others. */
export class ExposedFileError extends Error {
  override readonly name = "ExposedFileError";

  constructor(file: string) {
    super(`${file} holds a secret and can be read by others than its owner: chmod 600 ${file}`);
  }
}

/** Undefined when there is no such file. @throws ExposedFileError */
export async function readPrivateFile(file: string): Promise<string | undefined> {
  try {
    const { mode } = await stat(file);
    // Windows keeps no such bits: every file shows as readable by all.
    if (process.platform !== "win32" && (mode & 0o077) !== 0) throw new ExposedFileError(file);
    return await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Writes a file that only its owner can read; it is there as a whole or not at all. */
export async function writePrivateFile(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const temporary = `${file}.new`;
  const handle = await open(temporary, "w", 0o600);
  try {
    await handle.chmod(0o600);
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
}
