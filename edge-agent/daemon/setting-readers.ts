import type { JsonReader } from "../../proto/json-reader.ts";

// How settings of the configuration are read, each with its mistakes noted by the reader.

const pathCharacters = 4_096;
const largest = Number.MAX_SAFE_INTEGER;

/** What the setting says, or the default where it is not there. */
export function or<T, Default>(reader: JsonReader, read: (reader: JsonReader) => T, byDefault: Default): T | Default {
  return reader.absent ? byDefault : read(reader);
}

export function path(reader: JsonReader): string {
  return reader.text(pathCharacters);
}

export function between(least: number, most: number): (reader: JsonReader) => number {
  return (reader) => {
    const value = reader.count(most);
    if (value < least) reader.problems.add(reader.path, `must be at least ${least}`);
    return value;
  };
}

export function atLeast(least: number): (reader: JsonReader) => number {
  return between(least, largest);
}
