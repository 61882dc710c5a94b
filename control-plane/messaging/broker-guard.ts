import type { DeviceId } from "../../proto/ids.ts";
import { isDeviceId } from "../../proto/ids.ts";
import type { ControlLeaf, DeviceLeaf } from "../../proto/topics.ts";
import { controlLeaves, deviceLeaves, topicOf } from "../../proto/topics.ts";

/**
 * What a device may do at the broker. Everything is an exact string: a device publishes to its own topics of the
 * contract, subscribes to and receives from its own, and nothing else. There are no patterns here, so that a filter
 * with a wildcard, a shared subscription or a `$` topic is refused because it is not in the set, and not because
 * somebody thought of it.
 */
export interface DeviceRights {
  readonly device: DeviceId;
  readonly publish: ReadonlyMap<string, DeviceLeaf>;
  readonly receive: ReadonlyMap<string, ControlLeaf>;
  readonly willTopic: string;
}

export function rightsOf(device: DeviceId): DeviceRights {
  return {
    device,
    publish: new Map(deviceLeaves.map((leaf) => [topicOf(device, leaf), leaf])),
    receive: new Map(controlLeaves.map((leaf) => [topicOf(device, leaf), leaf])),
    willTopic: topicOf(device, "status"),
  };
}

interface Will {
  readonly topic: string;
  readonly payloadBytes: number;
  readonly qos: number;
  readonly retain: boolean;
}

/** The parts of a CONNECT packet that are judged before the credential is looked at. */
export interface ConnectRequest {
  readonly clientId: string;
  readonly username: string | undefined;
  readonly hasPassword: boolean;
  readonly will: Will | undefined;
}

/** Return codes of CONNACK, [MQTT-3.2.2-4]: 2 identifier, 3 unavailable, 4 user name or password, 5 not authorised. */
export type ConnectReturnCode = 2 | 3 | 4 | 5;

export interface ConnectRefusal {
  readonly kind: "refused";
  readonly reason: "client-id" | "credential" | "will";
  readonly returnCode: ConnectReturnCode;
  readonly explanation: string;
}

export interface ConnectAllowed {
  readonly kind: "allowed";
  readonly rights: DeviceRights;
}

function refused(reason: ConnectRefusal["reason"], returnCode: ConnectReturnCode, explanation: string): ConnectRefusal {
  return { kind: "refused", reason, returnCode, explanation };
}

export function mayConnect(request: ConnectRequest, willBytes: number): ConnectAllowed | ConnectRefusal {
  const { clientId, username, will } = request;
  if (!isDeviceId(clientId)) return refused("client-id", 2, "the client id is not a device id");
  if (username !== clientId) return refused("client-id", 2, "the user name is not the client id");
  if (!request.hasPassword) return refused("credential", 4, "the password is missing");
  const rights = rightsOf(clientId);
  if (will !== undefined) {
    if (will.topic !== rights.willTopic) return refused("will", 5, "the will is not for the device's own status topic");
    if (will.retain) return refused("will", 5, "the will asks to be retained");
    if (will.qos > 1) return refused("will", 5, "the will asks for quality of service 2");
    if (will.payloadBytes > willBytes)
      return refused("will", 5, `the will has ${will.payloadBytes} bytes, ${willBytes} are allowed`);
  }
  return { kind: "allowed", rights };
}

export interface PublishRequest {
  readonly topic: string;
  readonly qos: number;
  readonly retain: boolean;
}

/** The contract has neither quality of service 2 nor retained messages; both would make the broker keep state. */
export function mayPublish(rights: DeviceRights, { topic, qos, retain }: PublishRequest): boolean {
  return rights.publish.has(topic) && qos < 2 && !retain;
}

export function maySubscribe(rights: DeviceRights, filter: string): boolean {
  return rights.receive.has(filter);
}

/** Asked again at every delivery, so that a subscription alone never carries a message to a device. */
export function mayReceive(rights: DeviceRights, topic: string): boolean {
  return rights.receive.has(topic);
}
