import { isDeviceId } from "../../../proto/ids.ts";
import { JsonReader } from "../../../proto/json-reader.ts";
import type { Decoded } from "../../../proto/problems.ts";
import { decoded, Problems, undecodable } from "../../../proto/problems.ts";
import type { Trust, TrustedKey } from "../../core/ports.ts";
import { keyAt, trustedKeyAt } from "../portable/enrolment-answer.ts";
import type { DeviceDatabase } from "./device-database.ts";
import { valueAt } from "./device-database.ts";
import { keyIdOf } from "./web-crypto.ts";

/** What enrolment gave this page: who it is, where its control plane is, and whom it believes. */
export interface Enrolment {
  readonly server: string;
  readonly secret: string;
  readonly mqttUrl: string;
  readonly hardware: string | undefined;
  readonly trust: Trust;
}

const storedAt = "enrolment";

/** Undefined when the page has not been enrolled, or when what is stored is no enrolment of this version. */
export async function loadEnrolment(database: DeviceDatabase): Promise<Enrolment | undefined> {
  const found = await database.read(["values"], (transaction) => valueAt(transaction, "values", storedAt));
  const enrolment = await readEnrolment(found);
  return enrolment.ok ? enrolment.value : undefined;
}

export async function saveEnrolment(database: DeviceDatabase, enrolment: Enrolment): Promise<void> {
  await database.write(["values"], async (transaction) => {
    transaction.objectStore("values").put(enrolment, storedAt);
  });
}

/** Reads all of it before anything of it is kept; every mistake is named. */
export async function readEnrolment(json: unknown): Promise<Decoded<Enrolment>> {
  const problems = new Problems();
  const root = new JsonReader(json, "", problems);
  const hardware = root.field("hardware");
  const trust = root.field("trust");
  const enrolment: Enrolment = {
    server: root.field("server").textThat(isHttpUrl, "an http or https address"),
    secret: root.field("secret").text(1_024),
    mqttUrl: root.field("mqttUrl").textThat(isWebSocketUrl, "a ws or wss address"),
    hardware: hardware.absent ? undefined : hardware.text(128),
    trust: {
      device: trust.field("device").textThat(isDeviceId, "a device id"),
      director: await trustedKey(trust.field("director")),
      publishers: await Promise.all(trust.field("publishers").list(32).map(trustedKey)),
    },
  };
  return problems.any ? undecodable(problems.list) : decoded(enrolment);
}

async function trustedKey(reader: JsonReader): Promise<TrustedKey> {
  const key = keyAt(reader);
  return trustedKeyAt(reader, key, await keyIdOf(key.publicKey));
}

export function isHttpUrl(text: string): text is string {
  return ["http:", "https:"].includes(protocolOf(text));
}

export function isWebSocketUrl(text: string): text is string {
  return ["ws:", "wss:"].includes(protocolOf(text));
}

function protocolOf(text: string): string {
  return URL.canParse(text) ? new URL(text).protocol : "";
}
