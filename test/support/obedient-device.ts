import mqtt from "mqtt";
import { decodeAssignment } from "../../proto/codec/assignment.ts";
import { decodeControlMessage, encodeDeviceMessage, leafOf } from "../../proto/codec.ts";
import { parseDeviceId } from "../../proto/ids.ts";
import type { DeviceMessage, ModelReport, ReportedState } from "../../proto/messages.ts";
import { agreementBins, nothingCompared } from "../../proto/sketch/agreement.ts";
import type { Window } from "../../proto/telemetry-messages.ts";
import { topicOf } from "../../proto/topics.ts";
import type { TestControlPlane } from "./control-plane.ts";
import { enrolDevice } from "./enrolment.ts";
import { aWindow, deviceMessages } from "./messages.ts";

/**
 * A device that does on the wire what a good agent does, without a model: it says at once that it runs what it was assigned,
 * or that an update failed, for the versions that `fails` names. With `shadow` it knows the shadow, and says of every version that it is
 * to run in it that so many of 200 rows disagreed.
 */
export async function connectObedientDevice(
  plane: TestControlPlane,
  options: { readonly device: string; readonly fails?: readonly string[]; readonly shadow?: { disagreed: number } },
): Promise<AsyncDisposable> {
  const device = parseDeviceId(options.device);
  const { secret } = await enrolDevice(plane, { device });
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${plane.mqttPort}`, {
    clientId: device,
    username: device,
    password: secret,
    reconnectPeriod: 0,
  });
  const send = (message: DeviceMessage) =>
    client.publishAsync(topicOf(device, leafOf(message)), Buffer.from(encodeDeviceMessage(message)), { qos: 1 });

  let sentWindows = 0;
  const sendShadowWindow = (body: Pick<Window, "model" | "version" | "package">, disagreed: number) => {
    const distance = new Uint32Array(agreementBins);
    distance.set([200 - disagreed, disagreed]);
    const shadow = {
      ...nothingCompared(),
      compared: 200,
      disagreed,
      distance,
      activeWorkMs: 900,
      candidateWorkMs: 1_000,
    };
    const window = aWindow({ ...body, inferences: 200, errors: [], streams: [], trial: false, shadow });
    sentWindows += 1;
    const record = { seq: sentWindows, timeMs: Date.now(), body: window };
    return send({ kind: "telemetry", lane: "windows", epoch: "e-obedient", records: [record] });
  };

  let reported: ReportedState = { epoch: 0, generation: 0, models: [], refusal: "" };
  client.on("message", (_topic, bytes) => {
    const message = decodeControlMessage(bytes);
    if (!message.ok || message.value.kind !== "desired") return;
    const assignment = decodeAssignment(message.value.statement.payload);
    if (!assignment.ok) throw new Error(assignment.problems.join("; "));
    const { epoch, generation, models } = assignment.value;
    const before = reported.models;
    reported = {
      epoch,
      generation,
      refusal: "",
      models: models.map(({ model, version, package: digest, shadow }): ModelReport => {
        const slot = { version, package: digest, variant: "fp32" };
        const earlier = before.find((report) => report.model === model)?.active;
        if (options.shadow !== undefined && shadow !== undefined && earlier !== undefined) {
          void sendShadowWindow({ model, version, package: digest }, options.shadow.disagreed);
          return { model, active: earlier, candidate: slot, previous: undefined, phase: "shadow", failure: undefined };
        }
        return options.fails?.includes(version) === true
          ? {
              model,
              active: earlier,
              candidate: undefined,
              previous: undefined,
              phase: "idle",
              failure: { package: digest, kind: "rolled-back", reason: "it was not healthy" },
            }
          : { model, active: slot, candidate: undefined, previous: earlier, phase: "idle", failure: undefined };
      }),
    };
    void send({ kind: "reported", reported });
  });
  await client.subscribeAsync(topicOf(device, "desired"), { qos: 1 });
  const birth = deviceMessages.birth as Extract<DeviceMessage, { kind: "birth" }>;
  const { profile } = birth;
  const able = options.shadow === undefined ? profile : { ...profile, abilities: ["shadow" as const] };
  await send({ ...birth, profile: able, reported });
  return { [Symbol.asyncDispose]: () => client.endAsync(true) };
}
