import { JsonReader } from "../../proto/json-reader.ts";
import { isDeviceId } from "../../proto/ids.ts";
import { Problems } from "../../proto/problems.ts";
import { seconds } from "../../proto/units.ts";
import type { Enrolment } from "../adapters/node/credential-store.ts";
import {
  isHttpUrl,
  isMqttUrl,
  loadEnrolment,
  readTrustedKey,
  saveEnrolment,
} from "../adapters/node/credential-store.ts";

export class EnrolmentError extends Error {
  override readonly name = "EnrolmentError";
}

export interface EnrolOptions {
  readonly server: string;
  readonly token: string;
  readonly id: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly hardware: string | undefined;
  /** Key ids of publishers that the person who enrols knows; the control plane must name each of them. */
  readonly publisherKeys: readonly string[];
  readonly data: string;
  readonly force: boolean;
}

/**
 * Exchanges a one-time token for the device's own credential, and fixes whom the device believes from now on. The token proves
 * the device to the control plane; a pinned publisher key proves the control plane's packages to the device.
 */
export async function enrol(options: EnrolOptions, signal: AbortSignal): Promise<Enrolment> {
  if (!options.force) await refuseSecondEnrolment(options.data);
  const enrolment = readAnswer(options, await askServer(options, signal));
  await saveEnrolment(options.data, enrolment);
  return enrolment;
}

async function refuseSecondEnrolment(data: string): Promise<void> {
  const present = await loadEnrolment(data);
  if (present === undefined) return;
  throw new EnrolmentError(
    `${data} already belongs to the device "${present.trust.device}", enrolled at ${present.server}. ` +
      "Give another directory with --data, or replace the enrolment with --force.",
  );
}

async function askServer(options: EnrolOptions, signal: AbortSignal): Promise<unknown> {
  const isAddress: boolean = isHttpUrl(options.server);
  if (!isAddress) throw new EnrolmentError(`--server must be an http or https address, not "${options.server}"`);
  const url = new URL("api/v1/enrol", options.server.endsWith("/") ? options.server : `${options.server}/`);
  const { token, id, labels, hardware } = options;
  let response: Response;
  try {
    response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        token,
        labels,
        ...(id !== undefined && { device: id }),
        ...(hardware !== undefined && { hardware }),
      }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(seconds(30))]),
    });
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new EnrolmentError(
      `${options.server} cannot be reached (${cause instanceof Error ? cause.message : String(cause)}): ` +
        "check the address and that the control plane is running.",
      { cause: error },
    );
  }
  const text = await response.text();
  const json = parseJson(text);
  if (response.status === 201 && json !== undefined) return json;
  throw new EnrolmentError(`${options.server} refused the enrolment: ${problemIn(response.status, json)}`);
}

function problemIn(status: number, json: unknown): string {
  // The title names only the kind of problem; the detail says it of this one, and what to do.
  return (
    textIn(json, "detail") ??
    textIn(json, "title") ??
    `it answered with status ${status} and without a reason; is this a Sedge control plane?`
  );
}

function textIn(json: unknown, name: string): string | undefined {
  if (typeof json !== "object" || json === null) return undefined;
  const value = (json as Record<string, unknown>)[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Reads the answer completely before anything of it is kept. */
function readAnswer(options: EnrolOptions, json: unknown): Enrolment {
  const problems = new Problems();
  const root = new JsonReader(json, "", problems);
  const mqtt = root.field("mqtt");
  const trust = root.field("trust");
  const addresses = [mqtt.field("tcp"), mqtt.field("webSocket")].filter((address) => !address.absent);
  if (addresses.length === 0) problems.add("mqtt", "names neither tcp nor webSocket");
  const enrolment: Enrolment = {
    server: options.server,
    secret: root.field("secret").text(1_024),
    mqttUrls: addresses.map((address) => address.textThat(isMqttUrl, "an mqtt, mqtts, ws or wss address")),
    hardware: options.hardware,
    trust: {
      device: root.field("device").textThat(isDeviceId, "a device id"),
      director: readTrustedKey(trust.field("director")),
      publishers: trust.field("publishers").list(32).map(readTrustedKey),
    },
  };
  if (problems.any)
    throw new EnrolmentError(`the answer of ${options.server} cannot be used: ${problems.list.join("; ")}`);
  checkPublishers(options, enrolment);
  return enrolment;
}

function checkPublishers(options: EnrolOptions, { trust }: Enrolment): void {
  const known = trust.publishers.map((publisher) => publisher.keyId);
  if (known.length === 0)
    throw new EnrolmentError(
      `${options.server} knows no publisher, so this device could never accept a model. ` +
        "Add the publisher's key first (`sedge publisher add`), then enrol with a new token.",
    );
  const missing = options.publisherKeys.filter((keyId) => !known.includes(keyId));
  if (missing.length > 0)
    throw new EnrolmentError(
      `${options.server} does not name the publisher ${missing.join(", ")}; it names ${known.join(", ")}. ` +
        "Compare the key ids with the publisher before you trust this server, or leave out --publisher-key.",
    );
}
