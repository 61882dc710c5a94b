import type { Decompress, RandomAccess } from "../../proto/delta/apply-delta.ts";
import type { DeviceId, Digest, ModelName } from "../../proto/ids.ts";
import type { TensorSpec } from "../../proto/manifest.ts";
import type { ControlMessage, DeltaAnswer, DeviceMessage, DeviceProfile } from "../../proto/messages.ts";
import type { HealthMeasure, Lane, LogLevel, SealedPayload } from "../../proto/telemetry-messages.ts";
import type { Tensor } from "../../proto/tensors.ts";
import type { AgentState } from "./agent-state.ts";
import type { AnswerBound } from "./answer-bytes.ts";
import type { Factory } from "./factory-port.ts";

/** Everything that the agent's core needs of the world. Each port is small; its memory implementation lives in adapters/memory. */

export interface Clock {
  /** Wall-clock milliseconds. May jump; used for time stamps only. */
  now(): number;
  /** Milliseconds that only go up; used for every duration. */
  monotonic(): number;
  /** Resolves after `ms`, or rejects with the signal's reason. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** `bytes` random bytes as hexadecimal text, from a source that nobody can guess. */
  hex(bytes: number): string;
}

/** One MQTT connection: a new object for every attempt, so nothing of an old connection can be sent again. */
export interface Connection {
  /** Resolves when the broker has answered (QoS 1), which says "read", not "stored"; rejects when the connection is lost. */
  publish(message: DeviceMessage, signal: AbortSignal): Promise<void>;
  /** Control messages in order of arrival; ends when the connection is lost. Undecodable ones are logged and skipped by the adapter. */
  readonly messages: AsyncIterable<ControlMessage>;
  /** Settles when the connection is gone, whatever the cause; never rejects. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

export interface MessageBus {
  /** Connects with the device's credential and `lastWill`, subscribes to the device's topics; rejects with a reason otherwise. */
  connect(lastWill: DeviceMessage, signal: AbortSignal): Promise<Connection>;
}

/** Content-addressed files on the device. A file under its digest is complete and correct: the name implies the content. */
export interface FileStore {
  has(digest: Digest): Promise<boolean>;
  /** Whole content; for manifests and golden sets. Rejects with FileMissingError. The bytes are hashed again before they are handed out. */
  read(digest: Digest): Promise<Uint8Array>;
  /** Reads a file through, however large, to see whether it is what its name says. Rejects as `read`. */
  verify(digest: Digest): Promise<void>;
  /**
   * For reading at any place; rejects with FileMissingError. The bytes are handed out as they are on the disk: whoever makes something
   * of them compares the digest of that.
   */
  open(digest: Digest): Promise<RandomAccess & AsyncDisposable>;
  /** Where the inference runtime finds the file. */
  locate(digest: Digest): string;
  /** Goes on with the partial file, which survives a restart. */
  receive(digest: Digest, size: number): Promise<PartialFile>;
  /** Bytes that may still be used; `receive` rejects with NoSpaceError before the first byte when `size` does not fit. */
  freeBytes(): Promise<number>;
  /** Of the file, or of as much as has arrived; 0 when there is nothing. */
  bytesOf(digest: Digest): Promise<number>;
  /** Every file, also one that has only begun to arrive: what an update left behind must not stay on the disk for ever. */
  list(): Promise<readonly Digest[]>;
  remove(digest: Digest): Promise<void>;
}

export interface PartialFile extends AsyncDisposable {
  /** Bytes that an earlier attempt left. How many is known, what they are is not: the power may have been cut meanwhile. */
  readonly resumeAt: number;
  /** Of what is there; fewer bytes at its end. */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** In the place of bytes that are there. */
  overwrite(offset: number, bytes: Uint8Array): Promise<void>;
  append(bytes: Uint8Array): Promise<void>;
  /** Durable under its name; rejects with DigestMismatchError, and drops everything, where the content is not what the name says. */
  commit(): Promise<void>;
}

/** Fetches files by digest, from `offset` on. HTTP Range where the device reaches it, blocks over MQTT otherwise. */
export interface ArtifactSource {
  /** For people: which of several sent what. */
  readonly name: string;
  /** Nobody wants the bytes from `end` on: a source that can leaves them out. */
  fetch(digest: Digest, offset: number, signal: AbortSignal, end: number): AsyncIterable<Uint8Array>;
}

/** Knows which files make one file out of another (proto/delta/). They are fetched from the sources like any other. */
export interface DeltaSource {
  find(base: Digest, target: Digest, signal: AbortSignal): Promise<DeltaAnswer>;
}

/** What a device needs in order to take new versions as deltas. */
export interface DeltaPorts {
  /** In order of preference; the next is asked when one cannot answer. The agent adds its own connection as the last. */
  readonly sources: readonly DeltaSource[];
  readonly decompress: Decompress;
}

/** The agent's durable state. `save` returns when a power cut can no longer undo it. */
export interface StateStore {
  load(): Promise<AgentState | undefined>;
  save(state: AgentState): Promise<void>;
}

/** The durable queue of telemetry, one sequence for each lane. */
export interface Spool {
  /** Names this life of the spool. Changes when the spool was created, found damaged or renewed. */
  readonly epoch: string;
  /** True when the spool could not be read back at start and began anew. */
  readonly wasReset: boolean;
  /** Assigns the next sequence number and stores the record (encoded by spool-record.ts). Durable on return for `lifecycle`, soon after for others. */
  append(lane: Lane, record: Uint8Array): Promise<number>;
  /** Records from `fromSeq` on, in order, up to about `maxBytes` and `maxRecords`. */
  read(lane: Lane, fromSeq: number, maxBytes: number, maxRecords: number): Promise<readonly SpooledRecord[]>;
  /** Forgets everything up to and including `seq`: it is committed in the control plane. */
  trim(lane: Lane, seq: number): Promise<void>;
  /** First sequence number still stored (next to be assigned when empty), the next to be assigned, and bytes used, with what is held. */
  extent(lane: Lane): { readonly first: number; readonly next: number; readonly bytes: number };
  /** Replaces the oldest records of a lane, up to and including `through`, by one record that takes the sequence number `through`. */
  replaceOldest(lane: Lane, through: number, record: Uint8Array): Promise<void>;
  /**
   * Stores a record that gets its number later: nobody reads it before `release`, or an `append` to the lane, gives numbers to all that
   * is held, in its order. As durable as by `append`.
   */
  hold(lane: Lane, record: Uint8Array): Promise<void>;
  /** What is held, the oldest first; empty bytes for what cannot be read back. */
  held(lane: Lane): Promise<readonly Uint8Array[]>;
  heldCount(lane: Lane): number;
  /** Puts other records in the place of all that is held: all of them or none, whenever the power goes. */
  replaceHeld(lane: Lane, records: readonly Uint8Array[]): Promise<void>;
  release(lane: Lane): Promise<void>;
  /**
   * Forgets every record and begins a new epoch, whose first lifecycle record is `record`. All of it or nothing, whenever the power
   * goes.
   */
  renew(record: Uint8Array): Promise<void>;
}

export interface SpooledRecord {
  readonly seq: number;
  readonly bytes: Uint8Array;
}

/** SHA-256, signatures and seals. */
export interface Crypto {
  digest(bytes: Uint8Array): Promise<Digest>;
  /** ECDSA P-256 over SHA-256, DER signature; `publicKey` is a base64 SubjectPublicKeyInfo. False for anything malformed. */
  verify(publicKey: string, message: Uint8Array, signature: Uint8Array): Promise<boolean>;
  /**
   * Seals as proto/sealing.ts says, for the holder of a P-256 key (a base64 SubjectPublicKeyInfo); `about` is covered, not hidden.
   * Rejects with UnfitKeyError.
   */
  seal(publicKey: string, content: Uint8Array, about: Uint8Array): Promise<SealedPayload>;
}

/** Whom the device believes: fixed when it was enrolled. */
export interface Trust {
  readonly device: DeviceId;
  readonly director: TrustedKey;
  readonly publishers: readonly TrustedKey[];
}

export interface TrustedKey {
  readonly keyId: string;
  readonly publicKey: string;
}

/** Loads a model where it cannot hurt the agent: in Node a child process. */
export interface InferenceRuntime {
  readonly name: string;
  readonly version: string;
  /** Why it is not the one that is tried first; "" or absent when it is. */
  readonly choiceReason?: string;
  /** Rejects with ModelLoadError. The worker is ready when this resolves. */
  start(model: LoadableModel, signal: AbortSignal): Promise<InferenceWorker>;
}

export interface LoadableModel {
  readonly model: ModelName;
  /** From FileStore.locate. */
  readonly location: string;
  readonly file: Digest;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /** An inference that takes longer is ended, and the worker with it. */
  readonly maxInferenceMs: number;
  /** A worker that answers more is ended too; absent: a bound that fits most models. */
  readonly answers?: AnswerBound;
  /** Nobody waits for its answers: it gets what the others leave of the processor, where the system can do that. */
  readonly inBackground?: true;
}

export interface InferenceWorker extends AsyncDisposable {
  /** Rejects with InferenceError; `class` there is one of the error classes of metric-window.ts. */
  infer(inputs: readonly Tensor[], signal: AbortSignal): Promise<readonly Tensor[]>;
  /** Settles when the worker is gone, with the reason in words; never rejects. */
  readonly stopped: Promise<string>;
  memoryBytes(): Promise<number>;
}

/** What the machine shows of itself; what it does not show is absent. */
export interface HealthSensors {
  /** How it is now; shares of time (`cpu`, `agent-cpu`) since the last time it was asked, and absent the first time. */
  read(): Promise<HealthReading>;
}

export type HealthReading = Readonly<Partial<Record<HealthMeasure, number>>>;

/** Hands out the lines of the device's log as they are written, those of adapters too. */
export interface WrittenLines {
  /** Calls `listener` for every line until the returned function is called. */
  onLine(listener: (line: WrittenLine) => void): () => void;
}

/** `fields` are those that JSON can say. */
export interface WrittenLine {
  readonly level: LogLevel;
  readonly sentence: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface Logger {
  debug(fields: object, sentence: string): void;
  info(fields: object, sentence: string): void;
  warn(fields: object, sentence: string): void;
  error(fields: object, sentence: string): void;
}

export interface Ports {
  readonly clock: Clock;
  readonly random: Random;
  readonly bus: MessageBus;
  readonly files: FileStore;
  /** What came with the device; absent: nothing. */
  readonly factory?: Factory;
  /** In order of preference; the next is tried when one fails. The agent adds blocks over its own connection as the last. */
  readonly sources: readonly ArtifactSource[];
  /** Undefined: every file is fetched whole. */
  readonly deltas: DeltaPorts | undefined;
  readonly state: StateStore;
  readonly spool: Spool;
  readonly crypto: Crypto;
  readonly trust: Trust;
  readonly runtime: InferenceRuntime;
  readonly profile: DeviceProfile;
  /** Undefined: the device says nothing of its health but how full its spool is. */
  readonly health?: HealthSensors | undefined;
  /** Undefined: the device never sends lines of its log. */
  readonly lines?: WrittenLines | undefined;
  readonly log: Logger;
}

/** A key is not of the kind that is needed. */
export class UnfitKeyError extends Error {
  override readonly name = "UnfitKeyError";
}
export class FileMissingError extends Error {
  override readonly name = "FileMissingError";
}
export class DigestMismatchError extends Error {
  override readonly name = "DigestMismatchError";
}
export class NoSpaceError extends Error {
  override readonly name = "NoSpaceError";
}
export class ModelLoadError extends Error {
  override readonly name = "ModelLoadError";
}
/** `class` is counted in windows: "input" is the caller's fault, the others are the model's. */
export class InferenceError extends Error {
  override readonly name = "InferenceError";
  readonly class: InferenceErrorClass;

  constructor(errorClass: InferenceErrorClass, message: string, options?: ErrorOptions) {
    super(message, options);
    this.class = errorClass;
  }
}

export const inferenceErrorClasses = ["input", "runtime", "timeout", "worker-lost"] as const;
export type InferenceErrorClass = (typeof inferenceErrorClasses)[number];
