import { kibibytes, mebibytes, minutes, seconds } from "./units.ts";

/** Sizes and times that both sides enforce. A change here is a change of the contract. */
export const limits = {
  /** The largest MQTT packet a device may send once it is connected; larger ones are cut before they are buffered. */
  packetBytes: kibibytes(128),
  /** The largest MQTT packet that a device takes from its broker; at one that announces more it closes the connection. */
  controlPacketBytes: mebibytes(1),
  /** The largest MQTT packet before the client has been authenticated. */
  packetBytesBeforeConnect: kibibytes(4),
  /** The largest telemetry batch an agent makes. */
  batchBytes: kibibytes(64),
  /** Telemetry batches of one lane that may be on their way without an acknowledgement. */
  batchesInFlight: 4,
  /** Records of one batch: the control plane refuses more. */
  recordsPerBatch: 1_000,
  /** The encoded content of one sample. */
  sampleBytes: mebibytes(1),
  /** What of it one record takes: sealed, with its head, it fits into a batch. */
  samplePartBytes: kibibytes(60),
  /** Requests for samples that a device follows at once, and samples that one of them may ask for. */
  sampleRequests: 16,
  requestedSamples: 10_000,
  /** Of what is asked of an inference before it is sent. */
  sampleConditionCharacters: 512,
  /** Rules of one model's sampling, and edges of one rule. */
  privacyRules: 128,
  privacyEdges: 64,
  /** Named settings of one device, settings under one name, and characters of a value. */
  settingsOfDevice: 32,
  settingsOfName: 32,
  settingCharacters: 512,
  /** A line of a log that is sent: characters of its sentence, its fields, characters of a field. */
  logSentenceCharacters: 512,
  logFields: 16,
  logFieldCharacters: 256,
  /** One block of a file that is pulled over MQTT. */
  blockBytes: kibibytes(64),
  /** Blocks that a device may ask for before the first has arrived. */
  blocksInFlight: 4,
  /** The signature of a package, with the statement that names its files. */
  bundleBytes: mebibytes(1),
  /** `manifest.json` of a package. */
  manifestBytes: mebibytes(1),
  /** Files of one package beside its signature. */
  packageFiles: 4_096,
  /** Golden set. */
  goldenBytes: mebibytes(16),
  /** One variant. A protobuf message cannot be larger than 2 GiB. */
  variantBytes: 2 * 1024 * mebibytes(1) - 1,
  /** A file that is larger than this is hashed in chunks too, none smaller than this, and no more of them than that. */
  chunkBytes: kibibytes(256),
  chunksOfFile: 512,
  /** Streams of one model and bins of one stream. */
  streams: 256,
  bins: 512,
  /** Equal values that somebody may say are well. */
  plausibleRun: 1_000_000_000,
  /** Labels of one device, and characters of a key or value. */
  labels: 32,
  labelCharacters: 128,
  /** Free text in reasons and errors. */
  reasonCharacters: 512,
  /** Quarantined variants of one model that a device reports. */
  quarantined: 8,
  keepAliveMs: seconds(30),
  /** A device is called offline only after one and a half keep-alives and a little patience. */
  offlineAfterMs: minutes(1) + seconds(15),
} as const;
