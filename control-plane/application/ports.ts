import type { Assignment, SignedStatement } from "../../proto/assignment-messages.ts";
import type { DeviceId, Digest, RolloutId } from "../../proto/ids.ts";
import type { ControlMessage } from "../../proto/messages.ts";
import type { Sample } from "../../proto/telemetry-messages.ts";
import type { GoldenCase } from "../../proto/tensors.ts";

// What the use cases need of the world, besides the stores.

/** What happened, for people and programs: `sedge events tail`. */
export interface FleetEvent {
  readonly seq: number;
  readonly atMs: number;
  /** Such as "device.enrolled", "rollout.stage-started", "drift.opened". */
  readonly kind: string;
  readonly device: DeviceId | undefined;
  readonly rollout: RolloutId | undefined;
  /** The operator who did it; absent where a device or the control plane itself did. */
  readonly by?: string | undefined;
  readonly text: string;
}

export interface EventLog {
  add(event: Omit<FleetEvent, "seq">): Promise<FleetEvent>;
  /** In ascending order. */
  after(seq: number, limit: number): Promise<readonly FleetEvent[]>;
  last(limit: number): Promise<readonly FleetEvent[]>;
  /** The last events of one device, in ascending order. */
  lastOf(device: DeviceId, limit: number): Promise<readonly FleetEvent[]>;
  /** Deletes a slice of the events that happened before that time, small enough not to hold up writers; 0: none is left. */
  deleteBefore(ms: number): Promise<number>;
  /** Deletes a slice of the oldest where all of them have more bytes than that; 0: they have no more. */
  deleteBeyond(bytes: number): Promise<number>;
}

/** Content-addressed files. Present means complete and hashed. */
export interface ArtifactStore {
  has(digest: Digest): Promise<boolean>;
  /** Stores a whole file; rejects with ArtifactMismatchError when the content is not what the digest says. */
  put(digest: Digest, bytes: AsyncIterable<Uint8Array>): Promise<void>;
  size(digest: Digest): Promise<number | undefined>;
  readRange(digest: Digest, offset: number, length: number): Promise<Uint8Array | undefined>;
  /** For the HTTP server: a stream of [from, to). */
  stream(digest: Digest, from: number, to: number): AsyncIterable<Uint8Array>;
}

/** Holds the key for which devices seal samples. */
export interface SampleOpener {
  /** SubjectPublicKeyInfo, base64. */
  readonly publicKey: string;
  /** Undefined where the seal does not hold. */
  open(device: DeviceId, sample: Sample): GoldenCase | undefined;
}

/** What became of the attempt to make `target` out of `base`. */
export type DeltaRecord = { readonly base: Digest; readonly target: Digest; readonly madeAtMs: number } & (
  | { readonly kind: "made"; readonly digest: Digest; readonly size: number }
  | { readonly kind: "useless"; readonly reason: string }
);

export interface DeltaStore {
  get(base: Digest, target: Digest): Promise<DeltaRecord | undefined>;
  /** Takes the place of what was known of the same pair. */
  put(record: DeltaRecord): Promise<void>;
}

export interface DeltaMaker {
  /**
   * Makes the delta between two artifacts, applies it as a check, and stores it as an artifact when it has no more than `mostBytes`.
   * Rejects when it could not be tried.
   */
  make(
    base: Digest,
    target: Digest,
    mostBytes: number,
    signal: AbortSignal,
  ): Promise<
    | { readonly kind: "made"; readonly digest: Digest; readonly size: number }
    | { readonly kind: "useless"; readonly reason: string }
  >;
}

/** The way to connected devices. */
export interface DeviceGateway {
  /** Resolves to whether the device is connected here; a device that is not gets its desired state when it connects. */
  send(device: DeviceId, message: ControlMessage): Promise<boolean>;
  disconnect(device: DeviceId): void;
}

export interface DirectorSigner {
  /** Signs with the control plane's own key. */
  sign(assignment: Assignment): SignedStatement;
  readonly keyId: string;
  /** SubjectPublicKeyInfo, base64. */
  readonly publicKey: string;
}

export interface SecretHasher {
  hash(secret: string): Uint8Array;
  /** In constant time. */
  matches(secret: string, hash: Uint8Array): boolean;
  newSecret(): string;
}

export interface Clock {
  now(): number;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export interface Ids {
  /** Short, sortable by time, unlikely to collide. */
  next(prefix: string): string;
}

export interface Logger {
  debug(fields: object, sentence: string): void;
  info(fields: object, sentence: string): void;
  warn(fields: object, sentence: string): void;
  error(fields: object, sentence: string): void;
}

/** As Node's TLS servers take it: a certificate, followed by those above it, and its private key, both PEM. */
export interface CertifiedKey {
  readonly cert: string;
  readonly key: string;
  readonly minVersion: "TLSv1.2";
}

/** What the ports prove themselves with. It changes while they are open, because certificates end. */
export interface ServerIdentity {
  current(): CertifiedKey;
  onRenewed(listener: (renewed: CertifiedKey) => void): void;
}
