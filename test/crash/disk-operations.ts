/** What an agent does to its disk, in order. Files and directories are known by number: a name can move from one to another. */
export type DiskOperation =
  | {
      readonly kind: "add-name";
      readonly directory: number;
      readonly name: string;
      readonly entry: number;
      readonly isDirectory: boolean;
    }
  | { readonly kind: "remove-name"; readonly directory: number; readonly name: string }
  | { readonly kind: "rename"; readonly from: Place; readonly to: Place; readonly entry: number }
  | { readonly kind: "write"; readonly file: number; readonly position: number; readonly bytes: Uint8Array }
  | { readonly kind: "resize"; readonly file: number; readonly size: number }
  | { readonly kind: "make-read-only"; readonly file: number }
  | { readonly kind: "sync-file"; readonly file: number }
  | { readonly kind: "sync-names"; readonly directory: number };

export interface Place {
  readonly directory: number;
  readonly name: string;
}

/** A file or a directory. Bytes are never changed in place: images share them. */
export type DiskEntry =
  | { readonly kind: "file"; readonly bytes: Uint8Array; readonly isReadOnly: boolean }
  | { readonly kind: "directory"; readonly names: ReadonlyMap<string, number> };

/** The content of a disk. Entry 0 is the root directory. */
export type DiskImage = ReadonlyMap<number, DiskEntry>;

export const rootEntry = 0;
export const emptyDisk: DiskImage = new Map([[rootEntry, { kind: "directory", names: new Map() }]]);

const emptyFile: DiskEntry = { kind: "file", bytes: new Uint8Array(), isReadOnly: false };

/** Changes an image by what one operation does when all of it happens. */
export function applyTo(image: Map<number, DiskEntry>, operation: DiskOperation): void {
  switch (operation.kind) {
    case "add-name":
      setName(image, operation.directory, operation.name, operation.entry);
      if (operation.isDirectory && !image.has(operation.entry))
        image.set(operation.entry, { kind: "directory", names: new Map() });
      return;
    case "remove-name":
      setName(image, operation.directory, operation.name, undefined);
      return;
    case "rename":
      setName(image, operation.from.directory, operation.from.name, undefined);
      setName(image, operation.to.directory, operation.to.name, operation.entry);
      return;
    case "write": {
      const file = fileIn(image, operation.file);
      const bytes = new Uint8Array(Math.max(file.bytes.length, operation.position + operation.bytes.length));
      bytes.set(file.bytes);
      bytes.set(operation.bytes, operation.position);
      image.set(operation.file, { ...file, bytes });
      return;
    }
    case "resize": {
      const file = fileIn(image, operation.file);
      const bytes = new Uint8Array(operation.size);
      bytes.set(file.bytes.subarray(0, operation.size));
      image.set(operation.file, { ...file, bytes });
      return;
    }
    case "make-read-only":
      image.set(operation.file, { ...fileIn(image, operation.file), isReadOnly: true });
      return;
    case "sync-file":
    case "sync-names":
      return;
  }
}

export function fileIn(image: DiskImage, entry: number): DiskEntry & { readonly kind: "file" } {
  const found = image.get(entry) ?? emptyFile;
  if (found.kind !== "file") throw new Error(`${entry} is a directory`);
  return found;
}

export function namesIn(image: DiskImage, entry: number): ReadonlyMap<string, number> {
  const found = image.get(entry);
  if (found?.kind === "file") throw new Error(`${entry} is a file`);
  return found?.names ?? new Map();
}

export function setName(
  image: Map<number, DiskEntry>,
  directory: number,
  name: string,
  entry: number | undefined,
): void {
  const names = new Map(namesIn(image, directory));
  if (entry === undefined) names.delete(name);
  else names.set(name, entry);
  image.set(directory, { kind: "directory", names });
}
