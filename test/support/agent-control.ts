import type { KeyObject } from "node:crypto";
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { chunkedFileOf } from "../../control-plane/packaging/package-format/file-chunks.ts";
import type { MemoryHub } from "../../edge-agent/adapters/memory/memory-hub.ts";
import type { ModelScript } from "../../edge-agent/adapters/memory/scripted-runtime.ts";
import { scriptBytes } from "../../edge-agent/adapters/memory/scripted-runtime.ts";
import type { ArtifactSource, TrustedKey } from "../../edge-agent/core/ports.ts";
import { encodeAssignment } from "../../proto/codec/assignment.ts";
import { encodeGoldenSet } from "../../proto/codec/golden.ts";
import { firstSeqOf } from "../../proto/codec/telemetry.ts";
import type { DeviceId, Digest } from "../../proto/ids.ts";
import { parseModelName, parseModelVersion } from "../../proto/ids.ts";
import type { Manifest, Variant } from "../../proto/manifest.ts";
import { encodeManifest } from "../../proto/manifest.ts";
import type { Assignment, ModelAssignment, SignedStatement } from "../../proto/assignment-messages.ts";
import type { Birth, ReportedState, Status } from "../../proto/messages.ts";
import type { LifecycleEvent, TelemetryBatch, TelemetryRecord, Window } from "../../proto/telemetry-messages.ts";
import type { Tensor } from "../../proto/tensors.ts";
import { payloadTypes, preAuthEncoding } from "../../proto/statements.ts";
import { aManifest } from "./manifests.ts";
import { bundleOf, sha256Of, statementOf } from "./packages.ts";
import { anAssignment } from "./messages.ts";

export interface SigningKey extends TrustedKey {
  sign(payloadType: string, payload: Uint8Array): SignedStatement;
}

export function aSigningKey(): SigningKey {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const spki = publicKey.export({ format: "der", type: "spki" });
  const keyId = createHash("sha256").update(spki).digest("hex").slice(0, 16);
  return {
    keyId,
    publicKey: spki.toString("base64"),
    sign: (type, payload) => signed(keyId, privateKey, type, payload),
  };
}

function signed(keyId: string, privateKey: KeyObject, payloadType: string, payload: Uint8Array): SignedStatement {
  return {
    payloadType,
    payload,
    signatures: [{ keyId, signature: sign("sha256", preAuthEncoding(payloadType, payload), privateKey) }],
  };
}

export interface ControlKeys {
  readonly director: SigningKey;
  readonly publisher: SigningKey;
}

/** One 2 x 2 image whose mean is `mean`. */
export function anImage(mean: number): Tensor {
  return { name: "image", dataType: "float32", dims: [1, 1, 2, 2], rawData: floats([mean, mean, mean, mean]) };
}

function floats(values: readonly number[]): Uint8Array {
  return new Uint8Array(Float32Array.from(values).buffer);
}

export interface PackageOptions {
  readonly model?: string;
  readonly version?: string;
  readonly script?: Partial<ModelScript>;
  readonly variant?: Partial<Variant>;
  readonly manifest?: Partial<Manifest>;
  /** A second variant of this id: the same file under another name. */
  readonly alias?: string;
  /** Further variants, each with a file of its own. */
  readonly others?: Readonly<Record<string, Partial<ModelScript>>>;
  readonly signer?: SigningKey;
}

/** A package as the control plane holds it. */
export interface TestPackage {
  readonly manifest: Manifest;
  readonly assignment: Pick<ModelAssignment, "model" | "version" | "package" | "packageSize">;
  readonly files: ReadonlyMap<Digest, Uint8Array>;
  readonly manifestFile: Digest;
}

/**
 * The control side of the agent's tests: real keys, real packages of scripted models, and a ledger of telemetry that, like the
 * control plane, takes records in order, once, and acknowledges them afterwards.
 */
export class AgentControl {
  readonly director: SigningKey;
  readonly publisher: SigningKey;
  readonly artifacts = new Map<Digest, Uint8Array>();
  /** Bytes that were handed out. */
  served = 0;
  readonly births: Birth[] = [];
  readonly statuses: Status[] = [];
  readonly reports: ReportedState[] = [];
  readonly records = new Map<string, TelemetryRecord[]>();
  readonly #hub: MemoryHub;
  readonly #desired = new Map<DeviceId, SignedStatement>();
  #generation = 0;

  constructor(hub: MemoryHub, keys: ControlKeys = { director: aSigningKey(), publisher: aSigningKey() }) {
    this.#hub = hub;
    this.director = keys.director;
    this.publisher = keys.publisher;
    hub.onMessage = (device, message) => {
      switch (message.kind) {
        case "birth":
          this.births.push(message);
          this.reports.push(message.reported);
          this.#push(device);
          return;
        case "status":
          this.statuses.push(message);
          return;
        case "reported":
          this.reports.push(message.reported);
          return;
        case "telemetry":
          this.#ingest(device, message);
          return;
        case "block-request": {
          const bytes = this.artifacts.get(message.digest);
          const data = bytes?.subarray(message.offset, message.offset + message.length) ?? new Uint8Array();
          this.served += data.length;
          const { digest, offset } = message;
          const error = bytes === undefined ? "there is no such file" : "";
          hub.send(device, { kind: "block-data", digest, offset, size: bytes?.length ?? 0, data, error });
          return;
        }
        case "delta-request": {
          const { base, target } = message;
          hub.send(device, { kind: "delta-offer", base, target, answer: { kind: "none" } });
        }
      }
    };
  }

  /** Serves every artifact, `chunk` bytes at a time. */
  source(chunk = 64): ArtifactSource {
    const { artifacts } = this;
    const count = (bytes: Uint8Array) => {
      this.served += bytes.length;
      return bytes;
    };
    return {
      name: "a source",
      async *fetch(digest, offset, signal) {
        const bytes = artifacts.get(digest);
        if (bytes === undefined) throw new Error(`404 for ${digest}`);
        for (let at = offset; at < bytes.length; at += chunk) {
          signal.throwIfAborted();
          yield count(bytes.subarray(at, at + chunk));
        }
      },
    };
  }

  package({
    model = "digits",
    version = "1.0.0",
    script = {},
    variant = {},
    manifest: overrides = {},
    alias,
    others = {},
    signer,
  }: PackageOptions = {}): TestPackage {
    const modelFile = scriptBytes({ name: `${model} ${version}`, ...script });
    const output = (mean: number): Tensor => ({
      name: "logits",
      dataType: "float32",
      dims: [1, 2],
      rawData: floats([mean, 2 * mean]),
    });
    const cases = [0.25, 0.5].map((mean) => ({ inputs: [anImage(mean)], outputs: [output(mean)] }));
    const golden = encodeGoldenSet({ cases });
    const file = chunkedFileOf(modelFile);
    const first = { ...(aManifest().variants[0] as Variant), file, ...variant };
    const further = Object.entries(others).map(([id, otherScript]) => {
      const bytes = scriptBytes({ name: `${model} ${version} ${id}`, ...otherScript });
      return { bytes, variant: { ...first, id, file: chunkedFileOf(bytes) } };
    });
    const manifest = aManifest({
      model: parseModelName(model),
      version: parseModelVersion(version),
      golden: { digest: sha256Of(golden), size: golden.length },
      variants: [
        first,
        ...(alias === undefined ? [] : [{ ...first, id: alias }]),
        ...further.map((one) => one.variant),
      ],
      ...overrides,
    });
    const manifestBytes = encodeManifest(manifest);
    const named = [
      { path: "manifest.json", bytes: manifestBytes },
      { path: "golden.pb", bytes: golden },
      { path: `variants/${first.id}.onnx`, bytes: modelFile },
      ...further.map((one) => ({ path: `variants/${one.variant.id}.onnx`, bytes: one.bytes })),
    ].toSorted((a, b) => (a.path < b.path ? -1 : 1));
    const bundle = bundleOf(statementOf(manifest, named), signer ?? this.publisher);
    const files = new Map(
      [bundle, manifestBytes, golden, modelFile, ...further.map((one) => one.bytes)].map((bytes) => [
        sha256Of(bytes),
        bytes,
      ]),
    );
    for (const [digest, bytes] of files) this.artifacts.set(digest, bytes);
    const { model: name, version: parsed } = manifest;
    return {
      manifest,
      manifestFile: sha256Of(manifestBytes),
      files,
      assignment: { model: name, version: parsed, package: sha256Of(bundle), packageSize: bundle.length },
    };
  }

  /** The next assignment of a device, sent now and at each birth. */
  assign(device: DeviceId, packages: readonly TestPackage[], overrides: Partial<Assignment> = {}): Assignment {
    this.#generation++;
    const soak = { durationMs: 10_000, minInferences: 5, deadlineMs: 60_000, maxErrorShare: 0.1 };
    const models = packages.map(({ assignment }) => ({
      ...assignment,
      rollout: undefined,
      soak,
      variantOrder: [],
    }));
    const assignment = anAssignment({ device, generation: this.#generation, models, ...overrides });
    this.sendStatement(device, this.director.sign(payloadTypes.assignment, encodeAssignment(assignment)));
    return assignment;
  }

  sendStatement(device: DeviceId, statement: SignedStatement): void {
    this.#desired.set(device, statement);
    this.#push(device);
  }

  /** Everything that the ledger took of one lane, in order. */
  recordsOf(device: DeviceId, lane: TelemetryBatch["lane"]): readonly TelemetryRecord[] {
    return [...this.records].filter(([key]) => key.startsWith(`${device} ${lane} `)).flatMap(([, records]) => records);
  }

  eventsOf(device: DeviceId): readonly LifecycleEvent[] {
    return this.recordsOf(device, "lifecycle").flatMap(({ body }) => (body.kind === "event" ? [body] : []));
  }

  windowsOf(device: DeviceId): readonly Window[] {
    return this.recordsOf(device, "windows").flatMap(({ body }) => (body.kind === "window" ? [body] : []));
  }

  #push(device: DeviceId): void {
    const statement = this.#desired.get(device);
    if (statement !== undefined) this.#hub.send(device, { kind: "desired", statement });
  }

  #ingest(device: DeviceId, { lane, epoch, records }: TelemetryBatch): void {
    const key = `${device} ${lane} ${epoch}`;
    const known = this.records.get(key) ?? [];
    this.records.set(key, known);
    const through = () => known.at(-1)?.seq ?? 0;
    const rewind = firstSeqOf(records[0] as TelemetryRecord) > through() + 1;
    if (!rewind) known.push(...records.filter(({ seq }) => seq > through()));
    this.#hub.send(device, { kind: "ack", lane, epoch, through: through(), rewind });
  }
}
