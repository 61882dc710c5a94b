import { dirname } from "node:path";
import type { FileAccess, FileOperations, OpenFile } from "../../edge-agent/adapters/node/file-operations.ts";
import type { DiskEntry, DiskImage, DiskOperation } from "./disk-operations.ts";
import { applyTo, fileIn, namesIn, rootEntry } from "./disk-operations.ts";

/** Errors as the operating system gives them. */
export class DiskError extends Error {
  override readonly name = "DiskError";
  readonly code: string;

  constructor(code: string, path: string) {
    super(`${code}: ${path}`);
    this.code = code;
  }
}

/**
 * A disk in memory behind the operations that the adapters use. It behaves as a disk whose power never goes, and writes down every
 * operation: possible-images.ts makes of them what a power cut may leave. Everything settles without waiting, as virtual time needs it.
 */
export class LossyFiles implements FileOperations {
  readonly operations: DiskOperation[] = [];
  /** When each operation was done. */
  readonly times: number[] = [];
  readonly #now: () => number;
  readonly #entries: Map<number, DiskEntry>;
  #next: number;

  constructor(image: DiskImage, now: () => number = () => 0) {
    this.#now = now;
    this.#entries = new Map(image);
    const named = [...image.values()].flatMap((entry) => (entry.kind === "directory" ? [...entry.names.values()] : []));
    this.#next = 1 + Math.max(...image.keys(), ...named);
  }

  /** What it holds now, as if everything had been made durable. */
  get image(): DiskImage {
    return new Map(this.#entries);
  }

  async open(path: string, access: FileAccess): Promise<OpenFile> {
    let entry = this.#find(path);
    if (entry === undefined) {
      if (access === "read") throw new DiskError("ENOENT", path);
      entry = this.#add(path);
    } else if (this.#entries.get(entry)?.kind === "directory") throw new DiskError("EISDIR", path);
    else if (access !== "read" && fileIn(this.#entries, entry).isReadOnly) throw new DiskError("EACCES", path);
    else if (access === "emptied" && fileIn(this.#entries, entry).bytes.length > 0)
      this.#do({ kind: "resize", file: entry, size: 0 });
    return this.#opened(entry);
  }

  async readFile(path: string): Promise<Buffer> {
    return Buffer.from(this.contentOf(path));
  }

  /** At once: for a runtime that reads a model where the agent says that it is. */
  contentOf(path: string): Uint8Array {
    const entry = this.#find(path);
    if (entry === undefined) throw new DiskError("ENOENT", path);
    return fileIn(this.#entries, entry).bytes;
  }

  async entry(path: string): Promise<{ readonly isFile: boolean; readonly size: number } | undefined> {
    const entry = this.#find(path);
    if (entry === undefined) return undefined;
    const found = this.#entries.get(entry);
    return found?.kind === "directory"
      ? { isFile: false, size: 0 }
      : { isFile: true, size: fileIn(this.#entries, entry).bytes.length };
  }

  async list(path: string, deep = false): Promise<readonly { readonly name: string; readonly isFile: boolean }[]> {
    const directory = this.#find(path);
    if (directory === undefined) throw new DiskError("ENOENT", path);
    const found: { readonly name: string; readonly isFile: boolean }[] = [];
    for (const [name, entry] of namesIn(this.#entries, directory)) {
      const isFile = this.#entries.get(entry)?.kind !== "directory";
      found.push({ name, isFile });
      if (deep && !isFile) found.push(...(await this.list(`${path}/${name}`, true)));
    }
    return found;
  }

  async makeDirectory(path: string): Promise<string | undefined> {
    let first: string | undefined;
    let parent = "";
    for (const name of partsOf(path)) {
      const own = `${parent}/${name}`;
      if (this.#find(own) === undefined) {
        first ??= own;
        const entry = this.#next++;
        this.#do({ kind: "add-name", directory: this.#directory(own), name, entry, isDirectory: true });
      }
      parent = own;
    }
    return first;
  }

  async rename(from: string, to: string): Promise<void> {
    const entry = this.#find(from);
    if (entry === undefined) throw new DiskError("ENOENT", from);
    this.#do({ kind: "rename", from: this.#place(from), to: this.#place(to), entry });
  }

  async remove(path: string): Promise<void> {
    const entry = this.#find(path);
    if (entry === undefined) return;
    if (this.#entries.get(entry)?.kind === "directory")
      for (const name of namesIn(this.#entries, entry).keys()) await this.remove(`${path}/${name}`);
    this.#do({ kind: "remove-name", ...this.#place(path) });
  }

  async makeReadOnly(path: string): Promise<void> {
    const entry = this.#find(path);
    if (entry === undefined) throw new DiskError("ENOENT", path);
    this.#do({ kind: "make-read-only", file: entry });
  }

  async syncDirectory(path: string): Promise<void> {
    const directory = this.#find(path);
    if (directory === undefined) throw new DiskError("ENOENT", path);
    this.#do({ kind: "sync-names", directory });
  }

  async freeBytes(): Promise<number> {
    return 2 ** 40;
  }

  #do(operation: DiskOperation): void {
    this.operations.push(operation);
    this.times.push(this.#now());
    applyTo(this.#entries, operation);
  }

  #add(path: string): number {
    const entry = this.#next++;
    this.#do({ kind: "add-name", ...this.#place(path), entry, isDirectory: false });
    return entry;
  }

  #find(path: string): number | undefined {
    let entry: number | undefined = rootEntry;
    for (const name of partsOf(path)) {
      if (entry === undefined || this.#entries.get(entry)?.kind === "file") return undefined;
      entry = namesIn(this.#entries, entry).get(name);
    }
    return entry;
  }

  #directory(path: string): number {
    const directory = this.#find(dirname(path));
    if (directory === undefined) throw new DiskError("ENOENT", path);
    return directory;
  }

  #place(path: string) {
    return { directory: this.#directory(path), name: partsOf(path).at(-1) ?? "" };
  }

  #opened(file: number): OpenFile {
    const bytesNow = () => fileIn(this.#entries, file).bytes;
    const sync = async () => this.#do({ kind: "sync-file", file });
    return {
      read: async (bytes, start, length, position) => {
        const part = bytesNow().subarray(position, position + length);
        bytes.set(part, start);
        return { bytesRead: part.length };
      },
      write: async (bytes, start, length, position) => {
        this.#do({ kind: "write", file, position, bytes: bytes.slice(start, start + length) });
        return { bytesWritten: length };
      },
      truncate: async (size) => this.#do({ kind: "resize", file, size }),
      size: async () => bytesNow().length,
      sync,
      datasync: sync,
      async close() {},
    };
  }
}

function partsOf(path: string): readonly string[] {
  return path.split("/").filter((part) => part !== "");
}
