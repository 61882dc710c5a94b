/**
 * The names that travel. Each is a branded string: only the parse function makes one, so a value of the type has been checked.
 */
declare const brand: unique symbol;
type Brand<Name extends string> = { readonly [brand]: Name };

export type DeviceId = string & Brand<"DeviceId">;
export type ModelName = string & Brand<"ModelName">;
export type ModelVersion = string & Brand<"ModelVersion">;
export type RolloutId = string & Brand<"RolloutId">;
/** Names what somebody asked devices to sample. */
export type SampleRequestId = string & Brand<"SampleRequestId">;
/** Names settings that are given to devices from the centre. */
export type SettingsName = string & Brand<"SettingsName">;
/** `sha256:` and 64 lowercase hexadecimal digits: the name of a file is the hash of its bytes. */
export type Digest = string & Brand<"Digest">;

// A device id is an MQTT client id, a topic level and part of a URL: no `/ + # $`, no capitals, no empty string.
const deviceIdGrammar = /^[a-z0-9][a-z0-9_-]{1,63}$/;
const modelNameGrammar = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const modelVersionGrammar = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$/;
// Of requests for samples too.
const rolloutIdGrammar = /^[a-z0-9][a-z0-9-]{0,63}$/;
const settingsNameGrammar = /^[a-z0-9][a-z0-9_-]{0,63}$/;
const digestGrammar = /^sha256:[0-9a-f]{64}$/;

export class InvalidIdError extends Error {
  override readonly name = "InvalidIdError";
}

export function isDeviceId(text: string): text is DeviceId {
  return deviceIdGrammar.test(text);
}

export function isModelName(text: string): text is ModelName {
  return modelNameGrammar.test(text);
}

export function isModelVersion(text: string): text is ModelVersion {
  return modelVersionGrammar.test(text);
}

export function isRolloutId(text: string): text is RolloutId {
  return rolloutIdGrammar.test(text);
}

export function isSampleRequestId(text: string): text is SampleRequestId {
  return rolloutIdGrammar.test(text);
}

export function isSettingsName(text: string): text is SettingsName {
  return settingsNameGrammar.test(text);
}

export function isDigest(text: string): text is Digest {
  return digestGrammar.test(text);
}

export function parseDeviceId(text: string): DeviceId {
  if (isDeviceId(text)) return text;
  throw new InvalidIdError(
    `"${text}" is not a device id: 2 to 64 characters of a-z, 0-9, "_" and "-", starting with a letter or digit`,
  );
}

export function parseModelName(text: string): ModelName {
  if (isModelName(text)) return text;
  throw new InvalidIdError(`"${text}" is not a model name: 1 to 64 characters of a-z, 0-9, ".", "_" and "-"`);
}

export function parseModelVersion(text: string): ModelVersion {
  if (isModelVersion(text)) return text;
  throw new InvalidIdError(
    `"${text}" is not a model version: 1 to 64 characters of letters, digits, ".", "_", "+" and "-"`,
  );
}

export function parseRolloutId(text: string): RolloutId {
  if (isRolloutId(text)) return text;
  throw new InvalidIdError(`"${text}" is not a rollout id: 1 to 64 characters of a-z, 0-9 and "-"`);
}

export function parseSampleRequestId(text: string): SampleRequestId {
  if (isSampleRequestId(text)) return text;
  throw new InvalidIdError(`"${text}" is not the id of a request: 1 to 64 characters of a-z, 0-9 and "-"`);
}

export function parseSettingsName(text: string): SettingsName {
  if (isSettingsName(text)) return text;
  throw new InvalidIdError(`"${text}" is not a name of settings: 1 to 64 characters of a-z, 0-9, "_" and "-"`);
}

export function parseDigest(text: string): Digest {
  if (isDigest(text)) return text;
  throw new InvalidIdError(`"${text}" is not a digest: "sha256:" and 64 lowercase hexadecimal digits`);
}

/** The stable hash of a string: 32-bit FNV-1a over its UTF-16 code units, finished as in MurmurHash3 so that close names spread. */
export function stableHash(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash ^= text.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  hash ^= hash >>> 16;
  return hash >>> 0;
}
