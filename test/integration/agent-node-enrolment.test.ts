import { createHash, generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { readFile, stat, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CredentialError, loadEnrolment } from "../../edge-agent/adapters/node/credential-store.ts";
import type { EnrolOptions } from "../../edge-agent/daemon/enrol.ts";
import { EnrolmentError } from "../../edge-agent/adapters/portable/enrolment-answer.ts";
import { enrol } from "../../edge-agent/daemon/enrol.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const signal = new AbortController().signal;

function aKey() {
  const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const der = publicKey.export({ format: "der", type: "spki" });
  return { keyId: createHash("sha256").update(der).digest("hex").slice(0, 16), publicKey: der.toString("base64") };
}

const director = aKey();
const publisher = aKey();
const granted = {
  device: "lyon-cam-1",
  secret: "s3cret",
  mqtt: { tcp: "mqtt://hub.local:1883", webSocket: "ws://hub.local:8083/mqtt" },
  trust: { director, publishers: [publisher] },
};

interface ControlPlane extends AsyncDisposable {
  readonly url: string;
  readonly requests: unknown[];
}

async function controlPlane(status: number, answer: unknown): Promise<ControlPlane> {
  const requests: unknown[] = [];
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    request.on("end", () => {
      requests.push([request.method, request.url, JSON.parse(text)]);
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

function options(server: string, data: string, overrides: Partial<EnrolOptions> = {}): EnrolOptions {
  const nothing = { id: undefined, labels: {}, hardware: undefined, publisherKeys: [], force: false };
  return { server, token: "t0ken", data, ...nothing, ...overrides };
}

describe("enrolment", () => {
  it("exchanges the token for a credential that only its owner can read", async () => {
    await using directory = await temporaryDirectory();
    await using server = await controlPlane(201, granted);
    const data = join(directory.path, "data");
    const pinned = { id: "lyon-cam-1", labels: { site: "lyon" }, hardware: "rpi-5", publisherKeys: [publisher.keyId] };
    await enrol(options(server.url, data, pinned), signal);
    expect(server.requests).toEqual([
      ["POST", "/api/v1/enrol", { token: "t0ken", device: "lyon-cam-1", labels: { site: "lyon" }, hardware: "rpi-5" }],
    ]);
    expect(await loadEnrolment(data)).toEqual({
      server: server.url,
      secret: "s3cret",
      mqttUrls: ["mqtt://hub.local:1883", "ws://hub.local:8083/mqtt"],
      hardware: "rpi-5",
      trust: { device: "lyon-cam-1", director, publishers: [publisher] },
    });
    expect((await stat(join(data, "credential.json"))).mode & 0o777).toBe(0o600);
  });

  it("is not done a second time unless it is forced", async () => {
    await using directory = await temporaryDirectory();
    await using server = await controlPlane(201, granted);
    await enrol(options(server.url, directory.path), signal);
    await expect(enrol(options(server.url, directory.path), signal)).rejects.toThrow(
      /already belongs to the device "lyon-cam-1".*--force/,
    );
    expect(server.requests).toHaveLength(1);
    await enrol(options(server.url, directory.path, { force: true }), signal);
    expect(server.requests).toHaveLength(2);
  });

  it("keeps nothing when the device could trust nobody, or not the one that was asked for", async () => {
    await using directory = await temporaryDirectory();
    await using nobody = await controlPlane(201, { ...granted, trust: { director, publishers: [] } });
    await expect(enrol(options(nobody.url, directory.path), signal)).rejects.toThrow(/could never accept a model/);
    await using another = await controlPlane(201, granted);
    const pinned = options(another.url, directory.path, { publisherKeys: ["0123456789abcdef"] });
    await expect(enrol(pinned, signal)).rejects.toThrow(/does not name the publisher 0123456789abcdef/);
    expect(await loadEnrolment(directory.path)).toBeUndefined();
  });

  it("says what the control plane said", async () => {
    await using directory = await temporaryDirectory();
    const problem = { title: "Forbidden", detail: "the token is not valid: ask for a new one" };
    await using server = await controlPlane(403, problem);
    await expect(enrol(options(server.url, directory.path), signal)).rejects.toThrow(
      /refused the enrolment: the token is not valid: ask for a new one/,
    );
  });

  it("names every mistake in an answer, and a key under a foreign id is one", async () => {
    await using directory = await temporaryDirectory();
    await using server = await controlPlane(201, {
      device: "Lyon!",
      mqtt: {},
      trust: { director: { ...director, keyId: publisher.keyId }, publishers: [{ keyId: "a", publicKey: "b" }] },
    });
    const failure = await enrol(options(server.url, directory.path), signal).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(EnrolmentError);
    const { message } = failure as Error;
    for (const place of ["secret", "mqtt", "device", "trust.director.keyId", "trust.publishers[0].publicKey"])
      expect(message).toContain(`${place}: `);
  });

  it("says that a server cannot be reached, is none, or is no Sedge", async () => {
    await using directory = await temporaryDirectory();
    const to = (server: string) => enrol(options(server, directory.path), signal);
    await expect(to("http://127.0.0.1:1")).rejects.toThrow(/cannot be reached \(.*ECONNREFUSED/);
    await expect(to("hub.local")).rejects.toThrow("--server must be an http or https address");
    await using other = await controlPlane(200, "hello");
    await expect(to(other.url)).rejects.toThrow("is this a Sedge control plane?");
  });
});

describe("the credential file", () => {
  it("is no enrolment when anything in it is wrong, and every mistake is named", async () => {
    await using directory = await temporaryDirectory();
    await using server = await controlPlane(201, granted);
    await enrol(options(server.url, directory.path), signal);
    const path = join(directory.path, "credential.json");
    const stored = JSON.parse(await readFile(path, "utf8")) as Record<string, unknown>;
    for (const [content, mistake] of [
      ["", "it is not JSON"],
      ["null", "must be an object"],
      [JSON.stringify({ ...stored, secret: "" }), "secret: "],
      [JSON.stringify({ ...stored, mqttUrls: ["file:///etc"], server: "x" }), "server: "],
    ] as const) {
      await writeFile(path, content);
      const failure = loadEnrolment(directory.path);
      await expect(failure).rejects.toThrow(CredentialError);
      await expect(failure).rejects.toThrow(mistake);
    }
  });
});
