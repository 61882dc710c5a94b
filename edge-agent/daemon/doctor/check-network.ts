import { once } from "node:events";
import { connect as connectTcp, isIP } from "node:net";
import { connect as connectTls } from "node:tls";
import { connect as connectMqtt } from "mqtt";
import { WebSocket } from "ws";
import type { Enrolment } from "../../adapters/node/credential-store.ts";
import { serverAccess } from "../../adapters/node/http-request.ts";
import { seconds } from "../../../proto/units.ts";
import type { Finding } from "./finding.ts";
import { failed, ok, warning } from "./finding.ts";

const patienceMs = seconds(10);

export interface ServerFindings {
  readonly findings: readonly Finding[];
  /** The control plane's clock; undefined when it was not heard. */
  readonly serverMs: number | undefined;
}

/** Whether the control plane answers over HTTP, and takes this device's credential there. */
export async function checkServer(enrolment: Enrolment, signal: AbortSignal): Promise<ServerFindings> {
  const check = "control plane";
  const { server, secret, trust, serverAuthority } = enrolment;
  const { base, authorization, get } = serverAccess({ server, device: trust.device, secret, serverAuthority });
  let serverMs: number | undefined;
  try {
    const health = await get(new URL("healthz", base), {}, patienceMs, signal);
    health.destroy();
    const date = Date.parse(health.headers.date ?? "");
    serverMs = Number.isNaN(date) ? undefined : date;
  } catch (error) {
    signal.throwIfAborted();
    // A device may have MQTT only: files then come in blocks over it.
    const advice = "check the address, the network and the name server; files come over MQTT meanwhile, more slowly";
    return { findings: [warning(check, `${server}: ${sentenceOf(error)}`, advice)], serverMs };
  }
  // No file has this digest: whoever may ask hears that it is not there.
  const nothing = new URL(`artifacts/sha256:${"0".repeat(64)}`, base);
  const answer = await get(nothing, { authorization }, patienceMs, signal);
  answer.destroy();
  const says = `${server} answers`;
  if (answer.statusCode !== 401 && answer.statusCode !== 403) return { findings: [ok(check, says)], serverMs };
  const advice = "the device was revoked, or its enrolment replaced: enrol it again with --force and a new token";
  return { findings: [failed(check, `${says}, and refuses this device's credential`, advice)], serverMs };
}

/**
 * Whether each address of the broker can be reached. While the agent runs only the way is tried (TCP, TLS, WebSocket): a second client
 * under the device's name would throw the agent out. Otherwise the device connects for a moment, so that its credential is tried too.
 */
export async function checkBroker(
  enrolment: Enrolment,
  isAgentRunning: boolean,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  return await Promise.all(
    enrolment.mqttUrls.map(async (url) => {
      const check = new URL(url).protocol.replace(":", "");
      try {
        const tooLong = AbortSignal.timeout(patienceMs);
        await Promise.race([
          isAgentRunning ? reach(url, enrolment) : connect(url, enrolment),
          once(tooLong, "abort").then(() => {
            throw new Error(`no answer within ${patienceMs / 1_000} seconds`);
          }),
        ]);
        signal.throwIfAborted();
        return ok(check, `${url} ${isAgentRunning ? "can be reached" : "takes this device"}`);
      } catch (error) {
        signal.throwIfAborted();
        const advice = adviceFor(sentenceOf(error));
        return failed(check, `${url}: ${sentenceOf(error)}`, advice);
      }
    }),
  );
}

function adviceFor(sentence: string): string {
  if (/not authorized|bad user|identifier/i.test(sentence))
    return "the control plane does not take the credential: enrol the device again with --force";
  if (/certificate|self.signed|expired/i.test(sentence))
    return "TLS does not trust the server: check the clock first, then the certificate";
  return "check the address, the network and any firewall between";
}

async function reach(url: string, { serverAuthority }: Enrolment): Promise<void> {
  const trusting = serverAuthority === undefined ? {} : { ca: serverAuthority };
  const { protocol, hostname, port } = new URL(url);
  if (protocol === "ws:" || protocol === "wss:") {
    const socket = new WebSocket(url, "mqtt", { handshakeTimeout: patienceMs, ...trusting });
    try {
      await once(socket, "open");
    } finally {
      socket.terminate();
    }
    return;
  }
  const isSecure = protocol === "mqtts:";
  const to = { host: hostname, port: Number(port || (isSecure ? 8_883 : 1_883)) };
  const socket = isSecure
    ? connectTls({ ...to, ...trusting, ...(isIP(hostname) === 0 && { servername: hostname }) })
    : connectTcp(to);
  try {
    await once(socket, isSecure ? "secureConnect" : "connect");
  } finally {
    socket.destroy();
  }
}

async function connect(url: string, { secret, trust, serverAuthority }: Enrolment): Promise<void> {
  const { device } = trust;
  const client = connectMqtt(url, {
    clientId: device,
    username: device,
    password: secret,
    ...(serverAuthority !== undefined && { ca: serverAuthority }),
    protocolVersion: 4,
    clean: true,
    connectTimeout: patienceMs,
    reconnectPeriod: 0,
  });
  let problem: Error | undefined;
  client.on("error", (error) => {
    problem = error;
  });
  try {
    await Promise.race([
      new Promise((resolve) => client.once("connect", resolve)),
      new Promise((_resolve, reject) =>
        client.once("close", () => reject(problem ?? new Error("the broker closed the connection"))),
      ),
    ]);
  } finally {
    client.end(true);
  }
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
