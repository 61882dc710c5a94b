import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readModelSpec } from "../../control-plane/packaging/model-spec.ts";
import type { PackageContent, SealedPackage } from "../../control-plane/packaging/package-format/seal-package.ts";
import { sealPackage } from "../../control-plane/packaging/package-format/seal-package.ts";
import type { ModelPackage } from "../../control-plane/packaging/package-model.ts";
import { packageModel } from "../../control-plane/packaging/package-model.ts";
import type { PublisherKey } from "../../control-plane/packaging/publisher-key.ts";
import { createPublisherKey } from "../../control-plane/packaging/publisher-key.ts";
import { signStatement } from "../../control-plane/packaging/signing.ts";
import { decodeDeviceMessage, encodeControlMessage } from "../../proto/codec.ts";
import { encodeAssignment } from "../../proto/codec/assignment.ts";
import type { ShadowPolicy } from "../../proto/assignment-messages.ts";
import type { DeviceMessage, ReportedState } from "../../proto/messages.ts";
import type { TelemetryBatch } from "../../proto/telemetry-messages.ts";
import { payloadTypes } from "../../proto/statements.ts";
import { digitsDirectory } from "../fixtures/read-digits.ts";
import { rightSecret, startGuardedBroker } from "./guarded-broker.ts";
import { aDevice, anAssignment } from "./messages.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

/** The smallest control plane that one device needs: it enrols it, assigns the digits model, keeps what it hears and acknowledges it. */
export interface OneDeviceControl extends AsyncDisposable {
  readonly url: string;
  readonly mqttUrl: string;
  readonly publisher: { readonly keyId: string; readonly publicKey: string };
  readonly heard: readonly DeviceMessage[];
  /** What the device said last that it has. */
  reported(): ReportedState | undefined;
  readonly digits: ModelPackage;
  /** Packages another specification of the digits fixtures and assigns it from now on, its variants in this order. */
  assign(specification: string, variantOrder?: readonly string[]): Promise<ModelPackage>;
  /** Assigns what was packaged before. */
  assignAgain(made: ModelPackage): Promise<void>;
  /** The same in shadow, with this share; without one: out of it. */
  assignShaded(made: ModelPackage, share?: number): Promise<void>;
  /** Signs a package whatever is in it, as a careless publisher would. */
  seal(content: PackageContent): SealedPackage;
  /** Assigns several models from now on. */
  assignTogether(made: readonly SealedPackage[]): Promise<void>;
}

export async function startOneDeviceControl(): Promise<OneDeviceControl> {
  const directory = await temporaryDirectory();
  const publisher = await createPublisherKey(join(directory.path, "publisher.pem"));
  const director = await createPublisherKey(join(directory.path, "director.pem"));
  const files = new Map<string, Uint8Array>();
  const packaged = async (specification: string) => {
    const spec = await readModelSpec(fileURLToPath(new URL(specification, digitsDirectory)));
    const made = await packageModel(spec, publisher, { createdAtMs: 1_000 }, new AbortController().signal);
    offer(made);
    return made;
  };
  const offer = (made: SealedPackage) => {
    files.set(made.digest, made.bundle);
    for (const { digest, bytes } of made.files) files.set(digest, bytes);
  };
  const digits = await packaged("digits-1.yaml");
  let assigned: readonly SealedPackage[] = [digits];
  let order: readonly string[] = [];
  let shadow: ShadowPolicy | undefined;
  let generation = anAssignment().generation;

  const guarded = await startGuardedBroker();
  const heard: DeviceMessage[] = [];
  guarded.broker.onMessage((_device, _leaf, payload) => {
    const message = decodeDeviceMessage(new Uint8Array(payload));
    if (!message.ok || message.value.kind === "unknown") return;
    heard.push(message.value);
    if (message.value.kind === "birth")
      void guarded.broker.publish(aDevice, "desired", desired(assigned, generation, director, order, shadow));
    if (message.value.kind === "telemetry") void guarded.broker.publish(aDevice, "ack", acknowledged(message.value));
  });

  const assign = async (made: readonly SealedPackage[], variantOrder: readonly string[], share?: number) => {
    assigned = made;
    shadow = share === undefined ? undefined : { share };
    order = variantOrder;
    generation++;
    await guarded.broker.publish(aDevice, "desired", desired(assigned, generation, director, order, shadow));
  };

  const trust = { director: trusted(director), publishers: [trusted(publisher)] };
  const mqtt = { tcp: `mqtt://127.0.0.1:${guarded.broker.address.port}` };
  const server = createServer((request, response) => {
    if (request.url === "/api/v1/enrol")
      response.writeHead(201).end(JSON.stringify({ device: aDevice, secret: rightSecret, mqtt, trust }));
    else sendArtifact(files, request, response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    mqttUrl: mqtt.tcp,
    publisher: trusted(publisher),
    digits,
    heard,
    async assign(specification, variantOrder = []) {
      const made = await packaged(specification);
      await assign([made], variantOrder);
      return made;
    },
    assignAgain: (made) => assign([made], []),
    assignShaded: (made, share) => assign([made], [], share),
    seal: (content) => sealPackage(content, publisher),
    async assignTogether(made) {
      for (const one of made) offer(one);
      await assign(made, []);
    },
    reported() {
      const last = heard.findLast((message) => message.kind === "birth" || message.kind === "reported");
      return last?.reported;
    },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await guarded[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

function trusted({ keyId, publicKey }: PublisherKey) {
  return { keyId, publicKey };
}

function acknowledged({ lane, epoch, records }: TelemetryBatch): Uint8Array {
  return encodeControlMessage({ kind: "ack", lane, epoch, through: records.at(-1)?.seq ?? 0, rewind: false });
}

function desired(
  assigned: readonly SealedPackage[],
  generation: number,
  director: PublisherKey,
  variantOrder: readonly string[],
  shadow: ShadowPolicy | undefined,
): Uint8Array {
  const soak = { durationMs: 200, minInferences: 0, deadlineMs: 200, maxErrorShare: 0.5 };
  const models = assigned.map(({ manifest: { model, version }, digest, bundle }) => ({
    model,
    version,
    package: digest,
    packageSize: bundle.length,
    rollout: undefined,
    soak,
    variantOrder,
    ...(shadow && { shadow }),
  }));
  const payload = encodeAssignment(anAssignment({ generation, models, telemetry: { windowMs: 300 } }));
  return encodeControlMessage({
    kind: "desired",
    statement: signStatement(payloadTypes.assignment, payload, director),
  });
}

function sendArtifact(
  files: ReadonlyMap<string, Uint8Array>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const bytes = files.get((request.url ?? "").replace("/artifacts/", ""));
  const credential = Buffer.from((request.headers.authorization ?? "").replace("Basic ", ""), "base64").toString();
  if (credential !== `${aDevice}:${rightSecret}`) response.writeHead(401).end();
  else if (bytes === undefined) response.writeHead(404).end();
  else response.writeHead(200, { "content-length": bytes.length }).end(bytes);
}
