import type { Enrolment } from "../../adapters/browser/enrolment-store.ts";
import { isHttpUrl, readEnrolment } from "../../adapters/browser/enrolment-store.ts";
import { EnrolmentError, refusalIn, requirePublishers } from "../../adapters/portable/enrolment-answer.ts";
import { seconds } from "../../../proto/units.ts";
import type { EnrolRequest } from "./agent-messages.ts";

/**
 * Exchanges a one-time token for this device's own credential, and fixes whom it believes from now on. The token proves the device
 * to the control plane; a pinned publisher key proves the control plane's packages to the device.
 */
export async function enrol(request: EnrolRequest, signal: AbortSignal): Promise<Enrolment> {
  const { server, hardware, publisherKeys = [] } = request;
  const json = (await askServer(request, signal)) as {
    readonly device?: unknown;
    readonly secret?: unknown;
    readonly mqtt?: { readonly webSocket?: unknown };
    readonly trust?: object;
  };
  const mqttUrl = json.mqtt?.webSocket;
  if (mqttUrl === undefined)
    throw new EnrolmentError(
      `${server} does not speak MQTT over WebSocket, the only way for a browser: start it with --web-socket-port. ` +
        "The token is used up now: make another.",
    );
  const trust = { ...json.trust, device: json.device };
  const enrolment = await readEnrolment({ server, secret: json.secret, mqttUrl, hardware, trust });
  if (!enrolment.ok)
    throw new EnrolmentError(`the answer of ${server} cannot be used: ${enrolment.problems.join("; ")}`);
  requirePublishers(server, enrolment.value.trust, publisherKeys);
  return enrolment.value;
}

async function askServer(request: EnrolRequest, signal: AbortSignal): Promise<object> {
  const { server, token, device, labels = {}, hardware } = request;
  const isAddress: boolean = isHttpUrl(server);
  if (!isAddress)
    throw new EnrolmentError(`the control plane's address must begin with http or https, not "${server}"`);
  const url = new URL("api/v1/enrol", server.endsWith("/") ? server : `${server}/`);
  let response: Response;
  try {
    response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ token, labels, ...(device && { device }), ...(hardware && { hardware }) }),
      credentials: "omit",
      signal: AbortSignal.any([signal, AbortSignal.timeout(seconds(30))]),
    });
  } catch (error) {
    signal.throwIfAborted();
    throw new EnrolmentError(
      `${server} cannot be reached, or lets no page of ${self.location.origin} enrol: check the address, and that the ` +
        "control plane's mqtt.webSocketOrigins names this page's origin.",
      { cause: error },
    );
  }
  const json = await response.json().catch(() => undefined);
  if (response.status === 201 && typeof json === "object" && json !== null) return json;
  throw new EnrolmentError(`${server} refused the enrolment: ${refusalIn(response.status, json)}`);
}
