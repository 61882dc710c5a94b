import { isDigest } from "./ids.ts";
import type { JsonReader } from "./json-reader.ts";
import { limits } from "./limits.ts";
import { chunkCount, digestsOfChunks } from "./chunk-hashes.ts";
import type { ChunkedFile, FileReference, PackageFile, Scalar } from "./manifest.ts";
import { mebibytes } from "./units.ts";

/** The longest name that a manifest may hold. */
export const nameCharacters = 256;

export function optionalText(reader: JsonReader, maxCharacters: number): string | undefined {
  return reader.absent ? undefined : reader.text(maxCharacters);
}

export function record<T>(reader: JsonReader, value: (reader: JsonReader) => T): Readonly<Record<string, T>> {
  return Object.fromEntries(reader.entries(256, nameCharacters).map(([name, field]) => [name, value(field)]));
}

export function scalars(reader: JsonReader): Readonly<Record<string, Scalar | readonly Scalar[]>> {
  return record(reader, (field) =>
    field.isList ? field.list(4_096).map((one) => one.scalar(1_024)) : field.scalar(1_024),
  );
}

export function packageFile(reader: JsonReader): PackageFile {
  return { path: reader.field("path").text(nameCharacters), ...fileReference(reader, limits.variantBytes) };
}

export function fileReference(reader: JsonReader, maxBytes: number): FileReference {
  return { digest: reader.field("digest").textThat(isDigest, "a digest"), size: reader.field("size").count(maxBytes) };
}

/** A program from before there were chunks passes them by: the file's digest says what the file must be. */
export function chunkedFile(reader: JsonReader, maxBytes: number): ChunkedFile {
  const file = fileReference(reader, maxBytes);
  const chunks = reader.field("chunks");
  if (chunks.absent) return file;
  const bytes = chunks.field("bytes").count(largestChunkBytes);
  const sha256 = chunks.field("sha256").text(hashCharacters);
  if (bytes < limits.chunkBytes || !Number.isInteger(Math.log2(bytes)))
    chunks.problems.add(`${chunks.path}.bytes`, `must be a power of two from ${limits.chunkBytes} on`);
  else {
    const found = digestsOfChunks({ sha256 })?.length;
    const expected = chunkCount(file.size, bytes);
    if (found !== expected)
      chunks.problems.add(`${chunks.path}.sha256`, `must be ${expected} SHA-256 in base64; found ${found ?? "none"}`);
  }
  return { ...file, chunks: { bytes, sha256 } };
}

/** A device has one chunk in its memory. */
const largestChunkBytes = mebibytes(8);
const hashCharacters = 4 * Math.ceil((32 * limits.chunksOfFile) / 3);
