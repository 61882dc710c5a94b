import { isDigest } from "./ids.ts";
import type { JsonReader } from "./json-reader.ts";
import { limits } from "./limits.ts";
import type { FileReference, PackageFile, Scalar } from "./manifest.ts";

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
