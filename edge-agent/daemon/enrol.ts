import { JsonReader } from "../../proto/json-reader.ts";
import { isDeviceId } from "../../proto/ids.ts";
import { Problems } from "../../proto/problems.ts";
import { kibibytes, seconds } from "../../proto/units.ts";
import type { IncomingMessage } from "node:http";
import type { Enrolment } from "../adapters/node/credential-store.ts";
import { httpRequest } from "../adapters/node/http-request.ts";
import { findServerAuthority } from "../adapters/node/server-authority.ts";
import {
  isHttpUrl,
  isMqttUrl,
  loadEnrolment,
  readTrustedKey,
  saveEnrolment,
} from "../adapters/node/credential-store.ts";
import { EnrolmentError, refusalIn, requirePublishers } from "../adapters/portable/enrolment-answer.ts";

export interface EnrolOptions {
  readonly server: string;
  readonly token: string;
  readonly id: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly hardware: string | undefined;
  /** `sha256:FINGERPRINT` or a PEM file: who vouches for the server. */
  readonly serverCa?: string | undefined;
  /** Key ids of publishers that the person who enrols knows; the control plane must name each of them. */
  readonly publisherKeys: readonly string[];
  readonly data: string;
  readonly force: boolean;
}

const answerCharacters = kibibytes(256);

/**
 * Exchanges a one-time token for the device's own credential, and fixes whom the device believes from now on. The token proves
 * the device to the control plane; a pinned publisher key proves the control plane's packages to the device.
 */
export async function enrol(options: EnrolOptions, signal: AbortSignal): Promise<Enrolment> {
  if (!options.force) await refuseSecondEnrolment(options.data);
  const isAddress: boolean = isHttpUrl(options.server);
  if (!isAddress) throw new EnrolmentError(`--server must be an http or https address, not "${options.server}"`);
  const serverAuthority =
    options.serverCa && (await findServerAuthority(options.serverCa, new URL(options.server), signal));
  const answer = await askServer(options, serverAuthority, signal);
  const enrolment = readAnswer(options, serverAuthority, answer);
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

async function askServer(
  options: EnrolOptions,
  serverAuthority: string | undefined,
  signal: AbortSignal,
): Promise<unknown> {
  const url = new URL("api/v1/enrol", options.server.endsWith("/") ? options.server : `${options.server}/`);
  const { token, id, labels, hardware } = options;
  const asked = { token, labels, ...(id !== undefined && { device: id }), ...(hardware !== undefined && { hardware }) };
  let status: number | undefined;
  let text: string;
  try {
    const response = await httpRequest(
      url,
      {
        headers: { "content-type": "application/json" },
        body: JSON.stringify(asked),
        silenceMs: seconds(30),
        serverAuthority,
      },
      signal,
    );
    status = response.statusCode;
    text = await textOf(response);
  } catch (error) {
    signal.throwIfAborted();
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EnrolmentError(`${options.server} cannot be reached (${reason}): ${adviceFor(cause)}.`, { cause: error });
  }
  const json = parseJson(text);
  if (status === 201 && json !== undefined) return json;
  throw new EnrolmentError(`${options.server} refused the enrolment: ${refusalIn(status ?? 0, json)}`);
}

/** The codes are OpenSSL's: UNABLE_TO_VERIFY_LEAF_SIGNATURE, SELF_SIGNED_CERT_IN_CHAIN, ERR_TLS_CERT_ALTNAME_INVALID, … */
function adviceFor(cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  if (code === "CERT_NOT_YET_VALID" || code === "CERT_HAS_EXPIRED")
    return "set this device's clock; where that is right, the server's certificate must be renewed";
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") return "use the name that is in the server's certificate";
  if (/CERT|SIGNATURE|SELF_SIGNED/.test(code))
    return "say with --server-ca who vouches for it; `sedge device token` prints the line";
  return "check the address and that the control plane is running";
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of response as AsyncIterable<Buffer>) {
    text += chunk.toString("utf8");
    if (text.length > answerCharacters) throw new Error("its answer does not end");
  }
  return text;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Reads the answer completely before anything of it is kept. */
function readAnswer(options: EnrolOptions, serverAuthority: string | undefined, json: unknown): Enrolment {
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
    serverAuthority,
    trust: {
      device: root.field("device").textThat(isDeviceId, "a device id"),
      director: readTrustedKey(trust.field("director")),
      publishers: trust.field("publishers").list(32).map(readTrustedKey),
    },
  };
  if (problems.any)
    throw new EnrolmentError(`the answer of ${options.server} cannot be used: ${problems.list.join("; ")}`);
  requirePublishers(options.server, enrolment.trust, options.publisherKeys, ", or leave out --publisher-key");
  return enrolment;
}
