import { join } from "node:path";
import { isDeviceId } from "../../../proto/ids.ts";
import { JsonReader } from "../../../proto/json-reader.ts";
import type { Decoded } from "../../../proto/problems.ts";
import { decoded, Problems, undecodable } from "../../../proto/problems.ts";
import type { Trust, TrustedKey } from "../../core/ports.ts";
import { keyAt, trustedKeyAt } from "../portable/enrolment-answer.ts";
import { makeDirectory, writeFileDurably } from "./durable-files.ts";
import { errorCode } from "./error-code.ts";
import type { FileOperations } from "./file-operations.ts";
import { nodeFileOperations } from "./file-operations.ts";
import { keyIdOf } from "./node-crypto.ts";
import { isCertificate } from "./server-authority.ts";

/** What enrolment gave this device: who it is, where its control plane is, and whom it believes. */
export interface Enrolment {
  readonly server: string;
  readonly secret: string;
  readonly mqttUrls: readonly string[];
  readonly hardware: string | undefined;
  /** PEM of the authority that vouches for the server and its broker over TLS; undefined: any that the system knows. */
  readonly serverAuthority?: string | undefined;
  readonly trust: Trust;
}

export class CredentialError extends Error {
  override readonly name = "CredentialError";
}

const fileName = "credential.json";

/** Undefined when the device has not been enrolled. Rejects with CredentialError when there is a file that is no enrolment. */
export async function loadEnrolment(
  directory: string,
  disk: FileOperations = nodeFileOperations,
): Promise<Enrolment | undefined> {
  const path = join(directory, fileName);
  let text: string;
  try {
    text = (await disk.readFile(path)).toString("utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw new CredentialError(`${path} cannot be read`, { cause: error });
  }
  const enrolment = parseEnrolment(text);
  if (enrolment.ok) return enrolment.value;
  throw new CredentialError(
    `${path} is no enrolment: ${enrolment.problems.join("; ")}. Enrol the device again with --force.`,
  );
}

/** Readable by its owner only: whoever has the secret is this device. */
export async function saveEnrolment(
  directory: string,
  enrolment: Enrolment,
  disk: FileOperations = nodeFileOperations,
): Promise<void> {
  await makeDirectory(directory, disk);
  const text = `${JSON.stringify(enrolment, undefined, 2)}\n`;
  await writeFileDurably(join(directory, fileName), Buffer.from(text), 0o600, disk);
}

function parseEnrolment(text: string): Decoded<Enrolment> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return undecodable([`it is not JSON: ${String(error)}`]);
  }
  const problems = new Problems();
  const root = new JsonReader(json, "", problems);
  const hardware = root.field("hardware");
  const authority = root.field("serverAuthority");
  const enrolment: Enrolment = {
    server: root.field("server").textThat(isHttpUrl, "an http or https address"),
    secret: root.field("secret").text(1_024),
    mqttUrls: root
      .field("mqttUrls")
      .list(8)
      .map((url) => url.textThat(isMqttUrl, "an mqtt, mqtts, ws or wss address")),
    hardware: hardware.absent ? undefined : hardware.text(128),
    serverAuthority: authority.absent ? undefined : authority.textThat(isCertificate, "a certificate in PEM form"),
    trust: readTrust(root.field("trust")),
  };
  return problems.any ? undecodable(problems.list) : decoded(enrolment);
}

function readTrust(reader: JsonReader): Trust {
  return {
    device: reader.field("device").textThat(isDeviceId, "a device id"),
    director: readTrustedKey(reader.field("director")),
    publishers: reader.field("publishers").list(32).map(readTrustedKey),
  };
}

export function readTrustedKey(reader: JsonReader): TrustedKey {
  const key = keyAt(reader);
  return trustedKeyAt(reader, key, keyIdOf(key.publicKey));
}

export function isHttpUrl(text: string): text is string {
  return ["http:", "https:"].includes(protocolOf(text));
}

export function isMqttUrl(text: string): text is string {
  return ["mqtt:", "mqtts:", "ws:", "wss:"].includes(protocolOf(text));
}

function protocolOf(text: string): string {
  return URL.canParse(text) ? new URL(text).protocol : "";
}
