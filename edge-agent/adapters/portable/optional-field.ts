import type { JsonReader } from "../../../proto/json-reader.ts";

export function optional<T>(reader: JsonReader, read: (reader: JsonReader) => T): T | undefined {
  return reader.absent ? undefined : read(reader);
}
