import type { KeyObject } from "node:crypto";
import { createHash, generateKeyPairSync } from "node:crypto";
import { signStatement } from "../../control-plane/packaging/signing.ts";
import { createDeviceGateway } from "../../control-plane/messaging/device-gateway.ts";
import type { EmbeddedBroker } from "../../control-plane/messaging/embedded-broker.ts";
import { startEmbeddedBroker } from "../../control-plane/messaging/embedded-broker.ts";
import { encodeAssignment } from "../../proto/codec/assignment.ts";
import { decodeDeviceMessage } from "../../proto/codec.ts";
import { firstSeqOf } from "../../proto/codec/telemetry.ts";
import type { DeviceId, Digest } from "../../proto/ids.ts";
import { limits } from "../../proto/limits.ts";
import type { Assignment, SignedStatement } from "../../proto/assignment-messages.ts";
import type { BlockRequest, ControlMessage, DeviceMessage } from "../../proto/messages.ts";
import type { TelemetryBatch, TelemetryRecord } from "../../proto/telemetry-messages.ts";
import { payloadTypes } from "../../proto/statements.ts";
import type { ControlLeaf, DeviceLeaf } from "../../proto/topics.ts";
import { eventually } from "../support/end-to-end-waiting.ts";
import type { ConformancePackage } from "./packages.ts";

/** One message of the device, in the order of arrival. */
export type Heard =
  | { readonly kind: "message"; readonly leaf: DeviceLeaf; readonly message: DeviceMessage; readonly bytes: Uint8Array }
  | { readonly kind: "unreadable"; readonly leaf: DeviceLeaf; readonly problems: readonly string[] };

type MessageOf<Kind extends DeviceMessage["kind"]> = Extract<DeviceMessage, { readonly kind: Kind }>;

/** A key pair of the control side, with the public half as devices get it. */
export interface SideKey {
  readonly keyId: string;
  readonly privateKey: KeyObject;
  /** SubjectPublicKeyInfo in base64. */
  readonly publicKey: string;
}

export function newSideKey(): SideKey {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const spki = publicKey.export({ format: "der", type: "spki" });
  const keyId = createHash("sha256").update(spki).digest("hex").slice(0, 16);
  return { keyId, privateKey, publicKey: spki.toString("base64") };
}

/**
 * The control plane as one device sees it, with the broker of the real one, and with manners that a check can change: it may keep
 * acknowledgements back, lose blocks, or send what no device must believe.
 */
export class ControlSide implements AsyncDisposable {
  readonly device: DeviceId;
  readonly secret: string;
  readonly director = newSideKey();
  readonly heard: Heard[] = [];
  /** Presence as the broker saw it. */
  readonly presence: ("connected" | "disconnected")[] = [];
  /** What the broker refused: a device that conforms gives no cause. */
  readonly refusals: string[] = [];
  /** What becomes of a block that is asked for; the whole block by default. */
  onBlock: (request: BlockRequest, block: Uint8Array) => Uint8Array | "lost" = (_request, block) => block;
  acknowledges = true;
  readonly #broker: EmbeddedBroker;
  readonly #files = new Map<Digest, Uint8Array>();
  readonly #taken = new Map<string, TelemetryRecord[]>();
  #desired: SignedStatement | undefined;
  #generation = 0;

  private constructor(broker: EmbeddedBroker, device: DeviceId, secret: string, refusals: string[]) {
    this.#broker = broker;
    this.device = device;
    this.secret = secret;
    this.refusals = refusals;
    broker.onMessage((_device, leaf, payload) => this.#take(leaf, payload));
    broker.onPresence(({ kind }) => this.presence.push(kind));
  }

  static async start(device: DeviceId): Promise<ControlSide> {
    const secret = "a secret of this device alone";
    const refusals: string[] = [];
    const warn = (fields: object, sentence: string) => refusals.push(`${sentence}: ${JSON.stringify(fields)}`);
    const broker = await startEmbeddedBroker({
      host: "127.0.0.1",
      port: 0,
      authenticate: async (id, given) => id === device && given === secret,
      log: { info() {}, warn },
      now: Date.now,
    });
    return new ControlSide(broker, device, secret, refusals);
  }

  get port(): number {
    return this.#broker.address.port;
  }

  send(message: ControlMessage): void {
    void createDeviceGateway(this.#broker).send(this.device, message);
  }

  /** Bytes on one of its topics, whatever they are. */
  sendBytes(leaf: ControlLeaf, bytes: Uint8Array): void {
    void this.#broker.publish(this.device, leaf, bytes);
  }

  cutConnection(): void {
    this.#broker.disconnect(this.device);
  }

  offerFiles({ files }: ConformancePackage): void {
    for (const [digest, bytes] of files) this.#files.set(digest, bytes);
  }

  /** The next assignment. It is sent now and at each birth, as the control plane does. */
  assign(packages: readonly ConformancePackage[], changes: Partial<Assignment> = {}): Assignment {
    const assignment = this.nextAssignment(packages, changes);
    this.sendDesired(this.sign(assignment));
    return assignment;
  }

  nextAssignment(packages: readonly ConformancePackage[], changes: Partial<Assignment> = {}): Assignment {
    this.#generation += 1;
    for (const one of packages) this.offerFiles(one);
    return {
      device: this.device,
      epoch: 1,
      generation: this.#generation,
      issuedAtMs: Date.now(),
      models: packages.map(({ assignment }) => ({
        ...assignment,
        rollout: undefined,
        soak: { durationMs: 300, minInferences: 0, deadlineMs: 20_000, maxErrorShare: 0.5 },
        variantOrder: [],
      })),
      telemetry: { windowMs: 10_000 },
      ...changes,
    };
  }

  sign(assignment: Assignment, key: SideKey = this.director, extra: Uint8Array = new Uint8Array()): SignedStatement {
    const payload = Buffer.concat([encodeAssignment(assignment), extra]);
    return signStatement(payloadTypes.assignment, payload, key);
  }

  sendDesired(statement: SignedStatement): void {
    this.#desired = statement;
    this.send({ kind: "desired", statement });
  }

  messages<Kind extends DeviceMessage["kind"]>(kind: Kind, from = 0): readonly MessageOf<Kind>[] {
    return this.heard
      .slice(from)
      .flatMap((one) => (one.kind === "message" && one.message.kind === kind ? [one.message as MessageOf<Kind>] : []));
  }

  /** The first such message that `fits`, heard at `from` or later. Fails with `what` when none comes in time. */
  hears<Kind extends DeviceMessage["kind"]>(
    what: string,
    kind: Kind,
    fits: (message: MessageOf<Kind>) => boolean = () => true,
    { from = 0, withinMs = 20_000 }: { readonly from?: number; readonly withinMs?: number } = {},
  ): Promise<MessageOf<Kind>> {
    return eventually(what, () => this.messages(kind, from).find(fits), { withinMs });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#broker.close();
  }

  #take(leaf: DeviceLeaf, payload: Uint8Array): void {
    const decoded = decodeDeviceMessage(payload);
    if (!decoded.ok) this.heard.push({ kind: "unreadable", leaf, problems: decoded.problems });
    else if (decoded.value.kind === "unknown")
      this.heard.push({ kind: "unreadable", leaf, problems: ["no body that the contract knows"] });
    else {
      this.heard.push({ kind: "message", leaf, message: decoded.value, bytes: payload });
      this.#answer(decoded.value);
    }
  }

  #answer(message: DeviceMessage): void {
    switch (message.kind) {
      case "birth":
        if (this.#desired !== undefined) this.send({ kind: "desired", statement: this.#desired });
        return;
      case "telemetry":
        return this.#ingest(message);
      case "block-request":
        return this.#sendBlock(message);
      case "delta-request": {
        const { base, target } = message;
        return this.send({ kind: "delta-offer", base, target, answer: { kind: "none" } });
      }
      case "status":
      case "reported":
    }
  }

  #sendBlock(request: BlockRequest): void {
    const { digest, offset, length } = request;
    const file = this.#files.get(digest);
    const about = { kind: "block-data", digest, offset, size: file?.length ?? 0 } as const;
    if (file === undefined) return this.send({ ...about, data: new Uint8Array(), error: "there is no such file" });
    const block = this.onBlock(request, file.subarray(offset, offset + Math.min(length, limits.blockBytes)));
    if (block !== "lost") this.send({ ...about, data: block, error: "" });
  }

  /** As the control plane: in order, once, and a hole is asked for again. */
  #ingest({ lane, epoch, records }: TelemetryBatch): void {
    if (!this.acknowledges) return;
    const key = `${lane} ${epoch}`;
    const known = this.#taken.get(key) ?? [];
    this.#taken.set(key, known);
    const through = known.at(-1)?.seq ?? 0;
    const [first] = records;
    const rewind = first === undefined || firstSeqOf(first) > through + 1;
    if (!rewind) known.push(...records.filter(({ seq }) => seq > through));
    this.send({ kind: "ack", lane, epoch, through: known.at(-1)?.seq ?? 0, rewind });
  }
}
