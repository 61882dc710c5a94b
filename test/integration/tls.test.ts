import { copyFile, readFile, rm } from "node:fs/promises";
import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { join } from "node:path";
import { connect } from "node:tls";
import { expect, it } from "vitest";
import { createApiClient } from "../../control-plane/cli/api-client.ts";
import { findConnection } from "../../control-plane/cli/connection.ts";
import type { CertifiedKey, ServerIdentity } from "../../control-plane/application/ports.ts";
import { openConnectionFile } from "../../control-plane/server/connection-file.ts";
import { until } from "../support/end-to-end-waiting.ts";
import { systemClock } from "../../control-plane/server/system-clock.ts";
import { openServerIdentity } from "../../control-plane/server/server-identity.ts";
import { listen } from "../../control-plane/messaging/broker-listeners.ts";
import type { BrokerLimits } from "../../control-plane/messaging/broker-limits.ts";
import { defaultBrokerLimits } from "../../control-plane/messaging/broker-limits.ts";
import { authorityFingerprint, tlsFiles } from "../fixtures/tls-files.ts";
import { startTestControlPlane } from "../support/control-plane.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const { signal } = new AbortController();

function withTls({ certificate, key }: { readonly certificate: string; readonly key: string }) {
  return startTestControlPlane({ "tls.certificate": certificate, "tls.key": key, "mqtt.webSocketPort": "0" });
}

/** The names in the certificate that a port shows. */
async function nameAt(port: number): Promise<string | undefined> {
  const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false });
  await once(socket, "secureConnect");
  const { subjectaltname } = socket.getPeerCertificate();
  socket.destroy();
  return subjectaltname;
}

function listenWith(
  identity: ServerIdentity,
  onHandshakeFailure: (error: Error) => void,
  brokerLimits: BrokerLimits = defaultBrokerLimits,
) {
  return listen({
    host: "127.0.0.1",
    port: 0,
    webSocketOrigins: [],
    isOwnOrigin: () => false,
    identity,
    limits: brokerLimits,
    onStream: (stream) => stream.on("error", () => stream.destroy()),
    isExempt: () => true,
    onTooManyOfAddress: () => {},
    onTooManyConnections: () => undefined,
    onHandshakeFailure,
    onError: () => undefined,
  });
}

it("speaks TLS on every port, and nothing else", async () => {
  await using plane = await withTls(tlsFiles.server);
  const { http, mqttTcp, mqttWebSocket = "" } = plane.controlPlane.addresses;
  expect([http, mqttTcp, mqttWebSocket].map((url) => new URL(url).protocol)).toEqual(["https:", "mqtts:", "wss:"]);
  await expect(fetch(http.replace("https:", "http:"))).rejects.toThrow(/fetch failed/);
  const plain = connectTcp({ host: "127.0.0.1", port: plane.mqttPort }, () => plain.write("plain MQTT"));
  plain.on("error", () => plain.destroy());
  plain.resume();
  await once(plain, "close");
  expect(plane.controlPlane.services.about.counters()).toMatchObject({ "broker.refused.tls": 1 });
});

it("tells the operator on this machine and whoever has the authority's file, and nobody else", async () => {
  await using plane = await withTls(tlsFiles.server);
  const { url: server, operatorToken: token } = plane;
  const asking = async (...given: Parameters<typeof findConnection>) =>
    await createApiClient(await findConnection(...given), signal).status();
  expect(await asking({ data: plane.data }, {})).toMatchObject({ addresses: { http: server } });
  expect(await asking({ server, token, ca: tlsFiles.authority }, {})).toMatchObject({ addresses: { http: server } });
  expect(await asking({ server, token }, { SEDGE_CA: tlsFiles.authority })).toBeDefined();
  await expect(asking({ server, token }, {})).rejects.toThrow(/SELF_SIGNED_CERT_IN_CHAIN.*--ca FILE/);
  await expect(asking({ server, token, ca: tlsFiles.server.key }, {})).rejects.toThrow(/holds no certificate/);
});

it("is found on this machine under a certificate that does not name 127.0.0.1", async () => {
  await using plane = await withTls(tlsFiles.elsewhere);
  const { url: server, operatorToken: token } = plane;
  const found = await findConnection({ data: plane.data }, {});
  expect(await createApiClient(found, signal).status()).toMatchObject({ addresses: { http: server } });
  const byName = createApiClient(await findConnection({ server, token, ca: tlsFiles.authority }, {}), signal);
  await expect(byName.status()).rejects.toThrow(/ALTNAME.*as its certificate does/);
});

it("is found on this machine while the files of its certificate are another's, half renewed, or gone", async () => {
  await using folder = await temporaryDirectory();
  const files = { certificate: join(folder.path, "c.pem"), key: join(folder.path, "k.pem") };
  await copyFile(tlsFiles.server.certificate, files.certificate);
  await copyFile(tlsFiles.server.key, files.key);
  await using plane = await withTls(files);
  const status = async () => await createApiClient(await findConnection({ data: plane.data }, {}), signal).status();
  await copyFile(tlsFiles.elsewhere.certificate, files.certificate);
  expect(await status()).toBeDefined();
  await rm(files.certificate);
  expect(await status()).toBeDefined();
});

it("tells the command line of the certificate that the ports have taken over", async () => {
  await using folder = await temporaryDirectory();
  const file = join(folder.path, "connection.json");
  const certificates = await Promise.all(
    [tlsFiles.server, tlsFiles.elsewhere].map(({ certificate }) => readFile(certificate, "utf8")),
  );
  const [before = "", after = ""] = certificates;
  const shown = (cert: string): CertifiedKey => ({ cert, key: "", minVersion: "TLSv1.2" });
  let renew: (renewed: CertifiedKey) => void = () => undefined;
  const identity = {
    current: () => shown(before),
    onRenewed: (listener: typeof renew) => void (renew = listener),
  };
  const told = async () => (JSON.parse(await readFile(file, "utf8")) as { certificate: string }).certificate;
  {
    const own = { url: "https://127.0.0.1:4680", token: "t" };
    await using _open = await openConnectionFile(file, own, identity, { error: () => undefined });
    expect(await told()).toBe(before);
    renew(shown(after));
    await until("the new one is told", async () => (await told()) === after);
  }
  await expect(readFile(file)).rejects.toThrow("ENOENT");
});

it("hands out the authority with an enrolment token where systems cannot know it", async () => {
  await using own = await withTls(tlsFiles.server);
  const api = createApiClient(await findConnection({ data: own.data }, {}), signal);
  expect(await api.createEnrolmentToken({ labels: {} })).toMatchObject({ serverAuthority: authorityFingerprint });
  await using known = await withTls(tlsFiles.elsewhere);
  const another = createApiClient(await findConnection({ data: known.data }, {}), signal);
  const enrolment = await another.createEnrolmentToken({ labels: {} });
  expect(enrolment).not.toHaveProperty("serverAuthority");
  expect(enrolment.serverNames).toEqual(["elsewhere.example"]);
});

it("takes over a renewed certificate while it listens, and goes on with the old one when the new one is damaged", async () => {
  await using folder = await temporaryDirectory();
  const files = { certificate: join(folder.path, "c.pem"), key: join(folder.path, "k.pem") };
  const put = async (from: { readonly certificate: string; readonly key: string }) => {
    await copyFile(from.certificate, files.certificate);
    await copyFile(from.key, files.key);
  };
  await put(tlsFiles.server);
  const said: string[] = [];
  const note = (_fields: object, sentence: string) => void said.push(sentence);
  const identity = await openServerIdentity(files, systemClock, { info: note, warn: note });
  const listeners = await listenWith(identity, () => undefined);
  try {
    const { port } = listeners.address;
    expect(await nameAt(port)).toBe("DNS:localhost, IP Address:127.0.0.1");
    await copyFile(tlsFiles.elsewhere.certificate, files.certificate);
    await identity.renew();
    await identity.renew();
    expect(await nameAt(port)).toBe("DNS:localhost, IP Address:127.0.0.1");
    await put(tlsFiles.elsewhere);
    await identity.renew();
    await identity.renew();
    expect(await nameAt(port)).toBe("DNS:elsewhere.example");
    expect(said).toEqual([
      expect.stringMatching(/is not the key of the first certificate.*go on with what they had/),
      "the ports have a new certificate",
    ]);
  } finally {
    await listeners.close();
  }
});

it("closes a connection that never begins to speak TLS", async () => {
  const identity = await openServerIdentity(tlsFiles.server, systemClock, {
    info: () => undefined,
    warn: () => undefined,
  });
  const failures: string[] = [];
  const noteFailure = ({ message }: Error) => void failures.push(message);
  const listeners = await listenWith(identity, noteFailure, { ...defaultBrokerLimits, connectTimeoutMs: 50 });
  try {
    const silent = connectTcp({ host: "127.0.0.1", port: listeners.address.port });
    silent.resume();
    await once(silent, "close");
    expect(failures).toEqual([expect.stringMatching(/timeout/i)]);
  } finally {
    await listeners.close();
  }
});

it("does not start with half of what it needs", async () => {
  await expect(startTestControlPlane({ "tls.certificate": tlsFiles.server.certificate })).rejects.toThrow(
    /tls\.key: belongs to tls\.certificate/,
  );
  await expect(
    startTestControlPlane({ "tls.certificate": tlsFiles.server.certificate, "tls.key": tlsFiles.elsewhere.key }),
  ).rejects.toThrow(/is not the key/);
});
