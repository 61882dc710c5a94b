import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { ModelPackage } from "../../control-plane/packaging/package-model.ts";
import type { PublisherKey } from "../../control-plane/packaging/publisher-key.ts";
import { createPublisherKey } from "../../control-plane/packaging/publisher-key.ts";
import { signStatement } from "../../control-plane/packaging/signing.ts";
import { decodeDeviceMessage, encodeControlMessage } from "../../proto/codec.ts";
import { encodeAssignment } from "../../proto/codec/assignment.ts";
import { parseDeviceId, parseModelVersion } from "../../proto/ids.ts";
import type { Assignment, SignedStatement } from "../../proto/assignment-messages.ts";
import type { ReportedState } from "../../proto/messages.ts";
import { payloadTypes } from "../../proto/statements.ts";
import type { TestControlPlane } from "../support/control-plane.ts";
import { startTestControlPlane } from "../support/control-plane.ts";
import type { EndToEndAgent } from "../support/end-to-end-agent.ts";
import { startAgent, untilAnswering, untilServing } from "../support/end-to-end-agent.ts";
import type { EndToEndControl } from "../support/end-to-end-control.ts";
import { operate, packageDigits } from "../support/end-to-end-control.ts";
import { eventually } from "../support/end-to-end-waiting.ts";
import type { GuardedBroker } from "../support/guarded-broker.ts";
import { startGuardedBroker } from "../support/guarded-broker.ts";
import { anAssignment } from "../support/messages.ts";
import type { TemporaryDirectory } from "../support/temporary-directory.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

// Whoever has the broker can send a device whatever it likes, and has everything that was ever sent. The files come from a
// control plane that serves whatever it is asked for, as a stolen one would. Neither can move the device.

const device = parseDeviceId("cam-1");

let directory: TemporaryDirectory;
let plane: TestControlPlane;
let control: EndToEndControl;
let director: PublisherKey;
let stranger: PublisherKey;
let broker: GuardedBroker;
let agent: EndToEndAgent;
let first: ModelPackage;
let second: ModelPackage;
/** What the device has said of itself, in its order. */
const heard: ReportedState[] = [];

beforeAll(async () => {
  directory = await temporaryDirectory();
  plane = await startTestControlPlane();
  control = await operate(plane, directory.path);
  director = await createPublisherKey(join(directory.path, "director.pem"));
  stranger = await createPublisherKey(join(directory.path, "stranger.pem"));
  broker = await startGuardedBroker({ authenticate: async () => true });
  broker.broker.onMessage((_device, _leaf, payload) => {
    const message = decodeDeviceMessage(payload);
    if (message.ok && "reported" in message.value) heard.push(message.value.reported);
  });
  first = await control.push("1");
  second = await control.push("2");
  agent = await startAgent(control, {
    id: device,
    data: join(directory.path, device),
    believe: ({ trust }) => ({
      mqttUrls: [`mqtt://127.0.0.1:${broker.broker.address.port}`],
      trust: { ...trust, director },
    }),
  });
  await eventually("the device is born", () => heard[0]);
  await send(signed(assigning(first, 1)));
  await untilServing(agent, "1");
  await send(signed(assigning(second, 2)));
  await untilServing(agent, "2");
});
afterAll(async () => {
  await agent[Symbol.asyncDispose]();
  await broker[Symbol.asyncDispose]();
  await plane[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});
/** What was accepted last, sent again, ends a refusal: then each test has to bring about its own. */
async function forgiveRefusal(): Promise<void> {
  await send(signed(assigning(second, 2)));
  await eventually("no refusal is left", async () => ((await agent.status()).refusal === "" ? true : undefined));
  await eventually("and that was reported", () => (heard.at(-1)?.refusal === "" ? true : undefined));
}

function assigning(wanted: ModelPackage, generation: number, overrides: Partial<Assignment> = {}): Assignment {
  const { model, version } = wanted.manifest;
  const soak = { durationMs: 200, minInferences: 0, deadlineMs: 200, maxErrorShare: 0.5 };
  const assigned = { model, version, package: wanted.digest, packageSize: wanted.bundle.length };
  const models = [{ ...assigned, rollout: undefined, soak, variantOrder: [] }];
  return anAssignment({ device, epoch: 1, generation, models, telemetry: { windowMs: 60_000 }, ...overrides });
}

function signed(assignment: Assignment, key: PublisherKey = director, type: string = payloadTypes.assignment) {
  return signStatement(type, encodeAssignment(assignment), key);
}

async function send(statement: SignedStatement): Promise<void> {
  expect(await broker.broker.publish(device, "desired", encodeControlMessage({ kind: "desired", statement }))).toBe(
    true,
  );
}

function reported(passes: (reported: ReportedState) => boolean): Promise<ReportedState> {
  return eventually("the device reports it", () => heard.findLast(passes));
}

const flipped = (bytes: Uint8Array, at: number) => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));

it.each<readonly [string, () => SignedStatement, RegExp]>([
  ["one that was valid once", () => signed(assigning(first, 1)), /1\.1 is older than 1\.2/],
  ["one under a generation that is taken", () => signed(assigning(first, 2)), /differs from the one/],
  [
    "one for another device",
    () => signed(assigning(first, 3, { device: parseDeviceId("cam-2") })),
    /is for cam-2, this device is cam-1/,
  ],
  ["one signed with a stranger's key", () => signed(assigning(first, 3), stranger), /not signed by this device's/],
  [
    "one signed with a stranger's key in the director's name",
    () => signed(assigning(first, 3), { ...stranger, keyId: director.keyId }),
    /not signed by this device's/,
  ],
  ["one signed with the publisher's key", () => signed(assigning(first, 3), control.publisher), /not signed by this/],
  [
    "one that was changed after it was signed",
    () => {
      const statement = signed(assigning(first, 3));
      return { ...statement, payload: flipped(statement.payload, statement.payload.length >> 1) };
    },
    /not signed by this device's/,
  ],
  [
    "a statement of another type that the director signed",
    () => signed(assigning(first, 3), director, payloadTypes.package),
    /not an assignment/,
  ],
  [
    "signed bytes that are no assignment",
    () => signStatement(payloadTypes.assignment, Uint8Array.of(255, 1, 2, 3), director),
    /cannot be read/,
  ],
])("refuses %s, says so, and serves on", async (_name, statement, reason) => {
  await forgiveRefusal();
  heard.splice(0, heard.length - 1);
  await send(statement());
  const { refusal, epoch, generation } = await reported((state) => reason.test(state.refusal));
  expect(refusal).toMatch(reason);
  expect([epoch, generation]).toEqual([1, 2]);
  expect(await agent.ask()).toBe("2");
});

it("does not even stumble over garbage on its topics, nor takes a statement that nobody has signed", async () => {
  const { connections } = await agent.status();
  await send({ ...signed(assigning(first, 3)), signatures: [] });
  for (const leaf of ["desired", "ack", "blk/data", "cmd"] as const)
    for (const bytes of [Uint8Array.of(), Uint8Array.of(0), new Uint8Array(60_000).fill(255), Buffer.from("null")])
      await broker.broker.publish(device, leaf, bytes);
  await eventually("the last of it has arrived", () =>
    agent.process().complaint().includes("/cmd") ? true : undefined,
  );
  expect(await agent.ask()).toBe("2");
  expect(await agent.status()).toMatchObject({ connected: true, connections, epoch: 1, generation: 2 });
});

// From here on the director itself is in the wrong hands; what it may name is still the publisher's to say.

async function rejection(wanted: ModelPackage, generation: number, claims: Partial<Assignment["models"][0]> = {}) {
  const assignment = assigning(wanted, generation);
  const models = assignment.models.map((model) => ({ ...model, ...claims }));
  await send(signed({ ...assignment, models }));
  const { models: told } = await reported((state) => state.generation === generation && hasFailure(state, wanted));
  expect(await untilAnswering(agent, ["2"])).toBe("2");
  expect(told[0]).toMatchObject({ active: { version: "2" }, phase: "idle" });
  return told[0]?.failure;
}

function hasFailure({ models }: ReportedState, { digest }: ModelPackage): boolean {
  return models[0]?.failure?.package === digest;
}

it("rejects a package that no publisher it trusts has signed", async () => {
  const foreign = await packageDigits("3", stranger);
  await control.api.putArtifact(foreign.digest, foreign.bundle);
  for (const { digest, bytes } of foreign.files) await control.api.putArtifact(digest, bytes);
  expect(await rejection(foreign, 10)).toMatchObject({ kind: "rejected", reason: expect.stringMatching(/sign/) });
});

it("rejects a package that is not the version that it was called", async () => {
  const third = await control.push("3");
  expect(await rejection(third, 11, { version: parseModelVersion("9") })).toMatchObject({
    kind: "rejected",
    reason: expect.stringMatching(/9/),
  });
});

it("takes the next honest assignment, and the refusals are over", async () => {
  await send(signed(assigning(first, 12)));
  await untilServing(agent, "1");
  const { models, refusal } = await reported((state) => state.generation === 12 && state.models[0]?.phase === "idle");
  expect(refusal).toBe("");
  expect(models[0]?.failure).toBeUndefined();
});
