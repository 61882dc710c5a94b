import type { DeviceId } from "./ids.ts";
import { isDeviceId, stableHash } from "./ids.ts";

/**
 * Every topic of the contract: who publishes it, with which quality of service, and whether the broker may keep it.
 * Nothing is retained: desired state is pushed when a device connects and when it changes, because the database is the truth.
 *
 * `sedge/v1/s/<shard>/d/<device>/<leaf>`: the shard is a stable hash of the device id, so that replicas of a control plane
 * can own shards and still see each device's messages in order on any broker.
 */
export const topicTable = {
  birth: { from: "device", qos: 1, retain: false },
  status: { from: "device", qos: 1, retain: false },
  tele: { from: "device", qos: 1, retain: false },
  evt: { from: "device", qos: 1, retain: false },
  rep: { from: "device", qos: 1, retain: false },
  res: { from: "device", qos: 1, retain: false },
  "blk/req": { from: "device", qos: 0, retain: false },
  desired: { from: "control-plane", qos: 1, retain: false },
  cmd: { from: "control-plane", qos: 1, retain: false },
  ack: { from: "control-plane", qos: 1, retain: false },
  "blk/data": { from: "control-plane", qos: 1, retain: false },
} as const satisfies Record<
  string,
  { readonly from: "device" | "control-plane"; readonly qos: 0 | 1; readonly retain: false }
>;

export type TopicLeaf = keyof typeof topicTable;
type LeafFrom<Side> = { [L in TopicLeaf]: (typeof topicTable)[L]["from"] extends Side ? L : never }[TopicLeaf];
export type DeviceLeaf = LeafFrom<"device">;
export type ControlLeaf = LeafFrom<"control-plane">;

export const topicRoot = "sedge/v1";
export const shardCount = 64;

export function isDeviceLeaf(leaf: TopicLeaf): leaf is DeviceLeaf {
  return topicTable[leaf].from === "device";
}

export const topicLeaves = Object.keys(topicTable) as readonly TopicLeaf[];
export const deviceLeaves: readonly DeviceLeaf[] = topicLeaves.filter(isDeviceLeaf);
export const controlLeaves: readonly ControlLeaf[] = topicLeaves.filter(
  (leaf): leaf is ControlLeaf => !isDeviceLeaf(leaf),
);

/** Two decimal digits, "00" to "63". */
export function shardOf(device: DeviceId): string {
  return String(stableHash(device) % shardCount).padStart(2, "0");
}

export function topicOf(device: DeviceId, leaf: TopicLeaf): string {
  return `${topicRoot}/s/${shardOf(device)}/d/${device}/${leaf}`;
}

export interface ParsedTopic {
  readonly device: DeviceId;
  readonly leaf: TopicLeaf;
}

/** Undefined for every topic that is not exactly one of the contract's, the wrong shard included. */
export function parseTopic(topic: string): ParsedTopic | undefined {
  const levels = topic.split("/");
  if (levels.length < 7 || levels[0] !== "sedge" || levels[1] !== "v1" || levels[2] !== "s" || levels[4] !== "d")
    return undefined;
  const device = levels[5] ?? "";
  const leaf = levels.slice(6).join("/");
  if (!isDeviceId(device) || !Object.hasOwn(topicTable, leaf) || levels[3] !== shardOf(device)) return undefined;
  return { device, leaf: leaf as TopicLeaf };
}
