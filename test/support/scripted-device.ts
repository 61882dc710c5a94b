import { decodeAssignment } from "../../proto/codec/assignment.ts";
import { decodeControlMessage, encodeDeviceMessage, leafOf } from "../../proto/codec.ts";
import type { DeviceId } from "../../proto/ids.ts";
import type { Assignment } from "../../proto/assignment-messages.ts";
import type { Ack, Birth, ControlMessage, DeviceMessage, ReportedState } from "../../proto/messages.ts";
import { controlLeaves, parseTopic, topicOf, topicTable } from "../../proto/topics.ts";
import { aDevice, deviceMessages } from "./messages.ts";
import type { RawMqttClient } from "./raw-mqtt-client.ts";
import { connectRawClient, subscribeRaw } from "./raw-mqtt-client.ts";

type ControlMessageOf<Kind extends ControlMessage["kind"]> = Extract<ControlMessage, { kind: Kind }>;

/** A device that says exactly what a test tells it to say. */
export interface ScriptedDevice extends AsyncDisposable {
  readonly id: DeviceId;
  readonly client: RawMqttClient;
  say(message: DeviceMessage): void;
  /** The first message of the kind that has come or comes and passes. */
  hear<Kind extends ControlMessage["kind"]>(
    kind: Kind,
    passes?: (message: ControlMessageOf<Kind>) => boolean,
  ): Promise<ControlMessageOf<Kind>>;
  assignment(passes?: (assignment: Assignment) => boolean): Promise<Assignment>;
  ack(passes: (ack: Ack) => boolean): Promise<Ack>;
}

export const nothingReported: ReportedState = { epoch: 0, generation: 0, models: [], refusal: "" };

export function aBirth(overrides: Partial<Birth> = {}): Birth {
  return { ...(deviceMessages.birth as Birth), connection: 1, reported: nothingReported, ...overrides };
}

/** Connects, subscribes and is born. */
export async function connectScriptedDevice(
  address: { readonly port: number; readonly secret: string; readonly id?: DeviceId },
  birth: Birth = aBirth(),
): Promise<ScriptedDevice> {
  const { port, secret, id = aDevice } = address;
  const { client, returnCode } = await connectRawClient(
    { host: "127.0.0.1", port },
    { clientId: id, password: secret },
  );
  if (returnCode !== 0) throw new Error(`${id} was refused with ${returnCode}`);
  await subscribeRaw(
    client,
    controlLeaves.map((leaf) => topicOf(id, leaf)),
  );
  let messageId = 1_000;

  const device: ScriptedDevice = {
    id,
    client,
    say(message) {
      const leaf = leafOf(message);
      const { qos } = topicTable[leaf];
      messageId += 1;
      const payload = Buffer.from(encodeDeviceMessage(message));
      client.send({ cmd: "publish", topic: topicOf(id, leaf), payload, qos, retain: false, dup: false, messageId });
    },
    async hear<Kind extends ControlMessage["kind"]>(
      kind: Kind,
      passes: (message: ControlMessageOf<Kind>) => boolean = () => true,
    ) {
      let heard: ControlMessageOf<Kind> | undefined;
      await client.expect("publish", ({ topic, payload }) => {
        if (parseTopic(topic)?.device !== id) return false;
        const message = decodeControlMessage(Buffer.from(payload));
        if (!message.ok || message.value.kind !== kind || !passes(message.value as ControlMessageOf<Kind>))
          return false;
        heard = message.value as ControlMessageOf<Kind>;
        return true;
      });
      return heard as ControlMessageOf<Kind>;
    },
    async assignment(passes = () => true) {
      const read = ({ statement }: ControlMessageOf<"desired">): Assignment | undefined => {
        const assignment = decodeAssignment(statement.payload);
        return assignment.ok ? assignment.value : undefined;
      };
      const message = await device.hear("desired", (desired) => {
        const assignment = read(desired);
        return assignment !== undefined && passes(assignment);
      });
      return read(message) as Assignment;
    },
    ack: (passes) => device.hear("ack", passes),
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
  device.say(birth);
  return device;
}
