import type { JsonReader } from "../../../proto/json-reader.ts";
import type { Trust, TrustedKey } from "../../core/ports.ts";

// What a device of any host makes of the control plane's answer when it is enrolled.

export class EnrolmentError extends Error {
  override readonly name = "EnrolmentError";
}

/** Why the control plane refused, in its own words where it has some. */
export function refusalIn(status: number, json: unknown): string {
  const { detail, title } = (json ?? {}) as { readonly detail?: unknown; readonly title?: unknown };
  // The title names only the kind of problem; the detail says it of this one, and what to do.
  const text = [detail, title].find((one) => typeof one === "string" && one !== "");
  return typeof text === "string"
    ? text
    : `it answered with status ${status} and without a reason; is this a Sedge control plane?`;
}

/** A key under a foreign id could count twice, or stand in for another: the id must be the key's own hash, `ownId`. */
export function trustedKeyAt(
  reader: JsonReader,
  { keyId, publicKey }: TrustedKey,
  ownId: string | undefined,
): TrustedKey {
  if (ownId === undefined)
    reader.problems.add(`${reader.path}.publicKey`, "must be a P-256 public key (base64 SubjectPublicKeyInfo)");
  else if (ownId !== keyId) reader.problems.add(`${reader.path}.keyId`, `must be ${ownId}, the key's own`);
  return { keyId, publicKey };
}

/** As it stands there; whether the id is the key's own is to be seen. */
export function keyAt(reader: JsonReader): TrustedKey {
  return { keyId: reader.field("keyId").text(64), publicKey: reader.field("publicKey").text(1_024) };
}

/**
 * Throws EnrolmentError where the control plane does not name the publishers that the person who enrols knows.
 *
 * @param wayOut how to enrol without naming publishers, where there is such a way
 */
export function requirePublishers(
  server: string,
  { publishers }: Pick<Trust, "publishers">,
  wanted: readonly string[],
  wayOut = "",
): void {
  const known = publishers.map(({ keyId }) => keyId);
  if (known.length === 0)
    throw new EnrolmentError(
      `${server} knows no publisher, so this device could never accept a model. ` +
        "Add the publisher's key first (`sedge publisher add`), then enrol with a new token.",
    );
  const missing = wanted.filter((keyId) => !known.includes(keyId));
  if (missing.length > 0)
    throw new EnrolmentError(
      `${server} does not name the publisher ${missing.join(", ")}; it names ${known.join(", ")}. ` +
        `Compare the key ids with the publisher before you trust this server${wayOut}.`,
    );
}
