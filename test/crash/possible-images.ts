import { seededRandom } from "../../edge-agent/adapters/memory/seeded-random.ts";
import type { DiskEntry, DiskImage, DiskOperation } from "./disk-operations.ts";
import { applyTo, fileIn, namesIn, setName } from "./disk-operations.ts";

/**
 * What a disk may hold after a power cut.
 *
 * `posix`: what POSIX promises and no more. Content is there after fsync(file), names after fsync(directory); until then every
 * 512 bytes of every write, every change of a size and every change of a name may be there or not, each without the others. Only
 * two things are taken for granted that no file system in use breaks: a rename within one directory is whole or not at all, and
 * one between directories never loses the file: its old name goes only when the new one is there.
 *
 * `ext4`: names are journaled, so they survive in the order in which they were changed, and any fsync makes all of them durable. A file
 * grows only as far as its content has been written.
 */
export type DiskRules = "posix" | "ext4";

export interface ImageOptions {
  readonly rules: DiskRules;
  /** All images of a cut that has no more than this many; that many drawn from a seed otherwise. */
  readonly perCut: number;
  readonly seed: number;
}

export interface PossibleImage {
  /** The operations before this number were done when the power went. */
  readonly cut: number;
  readonly image: DiskImage;
  /** True when the images of this cut were drawn, not enumerated. */
  readonly isSample: boolean;
}

const sectorBytes = 512;

/** One thing that reaches the disk as a whole or not at all. */
type Piece =
  | { readonly kind: "operation"; readonly operation: DiskOperation; readonly isJournaled: boolean }
  /** The second half of a rename between two directories; `addition` is the first. */
  | {
      readonly kind: "old-name";
      readonly directory: number;
      readonly name: string;
      readonly entry: number;
      readonly addition: number;
    };

/** Every image, or a sample of them, at every cut: before the first operation, between any two, and after the last. */
export function* possibleImages(
  start: DiskImage,
  operations: readonly DiskOperation[],
  { rules, perCut, seed }: ImageOptions,
): Generator<PossibleImage> {
  const durable = new Map(start);
  let pending: DiskOperation[] = [];
  const random = seededRandom(seed);
  for (let cut = 0; cut <= operations.length; cut++) {
    const pieces = rules === "posix" ? posixPieces(durable, pending) : ext4Pieces(durable, pending);
    const isSample = pieces.length > Math.log2(perCut);
    const choices = isSample ? sampled(pieces.length, perCut, () => random.next()) : allOf(pieces.length);
    for (const chosen of choices) yield { cut, image: imageOf(durable, pieces, chosen, rules), isSample };
    const operation = operations[cut];
    if (operation === undefined) return;
    pending = settle(durable, [...pending, operation], rules);
  }
}

/** One of the images after the last operation, drawn by `random`. */
export function imageAfterPowerCut(
  start: DiskImage,
  operations: readonly DiskOperation[],
  rules: DiskRules,
  random: () => number,
): DiskImage {
  const durable = new Map(start);
  let pending: DiskOperation[] = [];
  for (const operation of operations) pending = settle(durable, [...pending, operation], rules);
  const pieces = rules === "posix" ? posixPieces(durable, pending) : ext4Pieces(durable, pending);
  const drawn = pieces.map(() => random() < 0.5);
  return imageOf(durable, pieces, (piece) => drawn[piece] ?? false, rules);
}

/** Makes durable what the last operation, if it is a sync, makes durable; answers what is still pending. */
function settle(durable: Map<number, DiskEntry>, pending: DiskOperation[], rules: DiskRules): DiskOperation[] {
  const last = pending.at(-1);
  if (last === undefined || (last.kind !== "sync-file" && last.kind !== "sync-names")) return pending;
  const left: DiskOperation[] = [];
  for (const operation of pending.slice(0, -1))
    if (
      last.kind === "sync-file" ? isSyncedBy(last.file, operation, rules) : isNamedIn(last.directory, operation, rules)
    )
      applyTo(durable, operation);
    else left.push(operation);
  return left;
}

function isSyncedBy(file: number, operation: DiskOperation, rules: DiskRules): boolean {
  if (rules === "ext4" && isJournaled(operation)) return true;
  if (isName(operation)) return false;
  return "file" in operation && operation.file === file;
}

function isNamedIn(directory: number, operation: DiskOperation, rules: DiskRules): boolean {
  if (rules === "ext4") return isJournaled(operation);
  if (!isName(operation)) return false;
  if (operation.kind === "rename")
    return operation.from.directory === directory || operation.to.directory === directory;
  return "directory" in operation && operation.directory === directory;
}

function isName(operation: DiskOperation): boolean {
  return operation.kind === "add-name" || operation.kind === "remove-name" || operation.kind === "rename";
}

/** A mode lies beside the names in the journal of ext4; POSIX has it durable with its file. */
function isJournaled(operation: DiskOperation): boolean {
  return isName(operation) || operation.kind === "make-read-only";
}

function posixPieces(durable: DiskImage, pending: readonly DiskOperation[]): readonly Piece[] {
  const pieces: Piece[] = [];
  const sizes = new Map<number, number>();
  for (const operation of pending) {
    if (operation.kind === "rename" && operation.from.directory !== operation.to.directory) {
      const { from, to, entry } = operation;
      pieces.push(whole({ kind: "add-name", ...to, entry, isDirectory: false }));
      pieces.push({ kind: "old-name", ...from, entry, addition: pieces.length - 1 });
    } else if (operation.kind === "write") {
      const size = sizes.get(operation.file) ?? fileIn(durable, operation.file).bytes.length;
      const end = operation.position + operation.bytes.length;
      // A size can be durable before the content: the file then holds zeros.
      if (end > size) pieces.push(whole({ kind: "resize", file: operation.file, size: end }));
      sizes.set(operation.file, Math.max(size, end));
      pieces.push(...sectorsOf(operation));
    } else {
      if (operation.kind === "resize") sizes.set(operation.file, operation.size);
      pieces.push(whole(operation));
    }
  }
  return pieces;
}

function ext4Pieces(_durable: DiskImage, pending: readonly DiskOperation[]): readonly Piece[] {
  return pending.flatMap((operation) => (operation.kind === "write" ? sectorsOf(operation) : [whole(operation)]));
}

function whole(operation: DiskOperation): Piece {
  return { kind: "operation", operation, isJournaled: isJournaled(operation) };
}

function sectorsOf({ file, position, bytes }: DiskOperation & { readonly kind: "write" }): readonly Piece[] {
  const pieces: Piece[] = [];
  for (let at = position; at < position + bytes.length;) {
    const end = Math.min(position + bytes.length, (Math.floor(at / sectorBytes) + 1) * sectorBytes);
    const part = bytes.subarray(at - position, end - position);
    pieces.push(whole({ kind: "write", file, position: at, bytes: part }));
    at = end;
  }
  return pieces;
}

type Choice = (piece: number) => boolean;

function* allOf(pieces: number): Generator<Choice> {
  for (let bits = 0; bits < 2 ** pieces; bits++) yield (piece) => ((bits >> piece) & 1) === 1;
}

/** Always among them: nothing, everything, each piece alone and everything without it; the rest is drawn. */
function* sampled(pieces: number, count: number, random: () => number): Generator<Choice> {
  yield () => false;
  yield () => true;
  let given = 2;
  const offset = Math.floor(random() * pieces);
  for (let i = 0; i < pieces && given + 2 <= count / 2; i++, given += 2) {
    const one = (i + offset) % pieces;
    yield (piece) => piece === one;
    yield (piece) => piece !== one;
  }
  for (; given < count; given++) {
    const drawn = Array.from({ length: pieces }, () => random() < 0.5);
    yield (piece) => drawn[piece] ?? false;
  }
}

function imageOf(durable: DiskImage, pieces: readonly Piece[], chosen: Choice, rules: DiskRules): DiskImage {
  const image = new Map(durable);
  let journalEnded = false;
  const shortFiles = new Set<number>();
  const write = writerOf(image);
  for (const [i, piece] of pieces.entries()) {
    if (piece.kind === "old-name") {
      if (chosen(i) && chosen(piece.addition) && namesIn(image, piece.directory).get(piece.name) === piece.entry)
        setName(image, piece.directory, piece.name, undefined);
      continue;
    }
    const { operation } = piece;
    if (rules === "ext4" && piece.isJournaled) journalEnded ||= !chosen(i);
    const isGone = rules === "ext4" && piece.isJournaled ? journalEnded : !chosen(i);
    if (operation.kind === "write" && rules === "ext4") {
      const grows = operation.position + operation.bytes.length > fileIn(image, operation.file).bytes.length;
      if (grows && isGone) shortFiles.add(operation.file);
      if (isGone || (grows && shortFiles.has(operation.file))) continue;
    } else if (isGone) continue;
    if (operation.kind === "write") write(operation);
    else applyTo(image, operation);
  }
  return image;
}

/**
 * Writes into an image that nobody else has yet. A file is copied once and not for each of its sectors: of a file in chunks there
 * are hundreds.
 */
function writerOf(image: Map<number, DiskEntry>): (operation: DiskOperation & { readonly kind: "write" }) => void {
  const own = new Map<number, Uint8Array>();
  return ({ file, position, bytes }) => {
    const before = fileIn(image, file);
    const size = Math.max(before.bytes.length, position + bytes.length);
    let room = own.get(file);
    if (room === undefined || room.buffer !== before.bytes.buffer || room.length < size) {
      // What grows grows by sectors: room for as much again.
      room = new Uint8Array(size > before.bytes.length ? 2 * size : size);
      room.set(before.bytes);
      own.set(file, room);
    }
    room.set(bytes, position);
    image.set(file, { ...before, bytes: room.subarray(0, size) });
  };
}
