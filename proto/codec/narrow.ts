import { digestOfBytes } from "../bytes.ts";
import type { Digest, ModelName, ModelVersion } from "../ids.ts";
import { isModelName, isModelVersion } from "../ids.ts";
import { limits } from "../limits.ts";
import type { Decoded, Problems } from "../problems.ts";
import { decoded, Problems as ProblemList, undecodable } from "../problems.ts";

/**
 * Narrowing of what protobufjs read. Each function notes a mistake and answers a placeholder, so that decoding goes on and the
 * sender hears of every mistake; the placeholder never leaves the codec, because a message with a mistake is not handed out.
 */
const noDigest = `sha256:${"0".repeat(64)}` as Digest;

export function digestField(problems: Problems, path: string, bytes: Uint8Array | null | undefined): Digest {
  const digest = digestOfBytes(bytes ?? new Uint8Array());
  if (digest === undefined) problems.add(path, `a digest has 32 bytes, not ${bytes?.length ?? 0}`);
  return digest ?? noDigest;
}

export function modelField(problems: Problems, path: string, text: string | null | undefined): ModelName {
  const name = text ?? "";
  if (!isModelName(name)) problems.add(path, `"${name.slice(0, 80)}" is not a model name`);
  return name as ModelName;
}

export function versionField(problems: Problems, path: string, text: string | null | undefined): ModelVersion {
  const version = text ?? "";
  if (!isModelVersion(version)) problems.add(path, `"${version.slice(0, 80)}" is not a model version`);
  return version as ModelVersion;
}

/** A finite number that is not negative. */
export function quantityField(problems: Problems, path: string, value: number | null | undefined): number {
  const quantity = value ?? 0;
  if (!(quantity >= 0 && quantity < Number.MAX_SAFE_INTEGER)) problems.add(path, `${quantity} is not a quantity`);
  return quantity;
}

export function textField(
  problems: Problems,
  path: string,
  text: string | null | undefined,
  maxCharacters: number = limits.reasonCharacters,
): string {
  const value = text ?? "";
  if (value.length > maxCharacters) problems.add(path, `${value.length} characters are more than ${maxCharacters}`);
  return value;
}

/** `names[number - 1]`: the numbers of the contract start at 1, so that 0, protobuf's default, means "not said". */
export function nameOfNumber<Names extends readonly string[]>(
  problems: Problems,
  path: string,
  names: Names,
  number: number | null | undefined,
): Names[number] {
  const name = names[(number ?? 0) - 1];
  if (name === undefined) problems.add(path, `${number ?? 0} is not one of ${names.join(", ")}`);
  return name ?? (names[0] as string);
}

export function numberOfName(names: readonly string[], name: string): number {
  return names.indexOf(name) + 1;
}

/** Runs a protobuf read and a narrowing over foreign bytes: every failure becomes a Decoded. */
export function decodeWith<Raw, T>(read: () => Raw, narrow: (raw: Raw, problems: Problems) => T): Decoded<T> {
  let raw: Raw;
  try {
    raw = read();
  } catch (error) {
    return undecodable([`not a message of the contract: ${error instanceof Error ? error.message : String(error)}`]);
  }
  const problems = new ProblemList();
  const value = narrow(raw, problems);
  return problems.any ? undecodable(problems.list) : decoded(value);
}
