import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ConnectRequest } from "../../../../control-plane/messaging/broker-guard.ts";
import {
  mayConnect,
  mayPublish,
  mayReceive,
  maySubscribe,
  rightsOf,
} from "../../../../control-plane/messaging/broker-guard.ts";
import { parseDeviceId } from "../../../../proto/ids.ts";
import { controlLeaves, deviceLeaves, topicOf } from "../../../../proto/topics.ts";

const device = parseDeviceId("cam-1");
const other = parseDeviceId("cam-2");
const rights = rightsOf(device);

function request(changes: Partial<ConnectRequest> = {}): ConnectRequest {
  return { clientId: device, username: device, hasPassword: true, will: undefined, ...changes };
}

function will(changes: Partial<NonNullable<ConnectRequest["will"]>> = {}): Partial<ConnectRequest> {
  return { will: { topic: topicOf(device, "status"), payloadBytes: 20, qos: 1, retain: false, ...changes } };
}

function publishing(topic: string) {
  return { topic, qos: 1, retain: false };
}

describe("mayConnect", () => {
  it("lets a device in that names itself twice and has a password", () => {
    expect(mayConnect(request(), 1024)).toMatchObject({ kind: "allowed", rights: { device } });
  });

  it.each([
    ["an empty client id", { clientId: "", username: "" }, "client-id", 2],
    ["a client id outside the grammar", { clientId: "cam/1", username: "cam/1" }, "client-id", 2],
    ["a wildcard as client id", { clientId: "#", username: "#" }, "client-id", 2],
    ["another device's user name", { username: other }, "client-id", 2],
    ["no user name", { username: undefined }, "client-id", 2],
    ["no password", { hasPassword: false }, "credential", 4],
    ["a will for another device", will({ topic: topicOf(other, "status") }), "will", 5],
    ["a will for another of its own topics", will({ topic: topicOf(device, "birth") }), "will", 5],
    ["a will that is to be retained", will({ retain: true }), "will", 5],
    ["a will with quality of service 2", will({ qos: 2 }), "will", 5],
    ["a will that is too large", will({ payloadBytes: 1025 }), "will", 5],
  ] as const)("refuses %s", (_name, changes, reason, returnCode) => {
    expect(mayConnect(request(changes), 1024)).toMatchObject({ kind: "refused", reason, returnCode });
  });

  it("takes a will for the device's own status", () => {
    expect(mayConnect(request(will({ payloadBytes: 1024 })), 1024).kind).toBe("allowed");
  });
});

describe("what a device may do", () => {
  it("publishes to its own topics of the contract", () => {
    expect(deviceLeaves.every((leaf) => mayPublish(rights, publishing(topicOf(device, leaf))))).toBe(true);
  });

  it("subscribes to and receives from what the control plane sends it", () => {
    expect(controlLeaves.every((leaf) => maySubscribe(rights, topicOf(device, leaf)))).toBe(true);
    expect(controlLeaves.every((leaf) => mayReceive(rights, topicOf(device, leaf)))).toBe(true);
  });

  it("neither publishes as the control plane nor listens to devices, itself included", () => {
    expect(controlLeaves.some((leaf) => mayPublish(rights, publishing(topicOf(device, leaf))))).toBe(false);
    expect(deviceLeaves.some((leaf) => maySubscribe(rights, topicOf(device, leaf)))).toBe(false);
    expect(deviceLeaves.some((leaf) => mayReceive(rights, topicOf(device, leaf)))).toBe(false);
  });

  it("never asks the broker to keep a message or to deliver it exactly once", () => {
    const topic = topicOf(device, "tele");
    expect(mayPublish(rights, { topic, qos: 2, retain: false })).toBe(false);
    expect(mayPublish(rights, { topic, qos: 1, retain: true })).toBe(false);
  });

  it("does nothing outside its own topics, whatever the text", () => {
    const own = new Set([...deviceLeaves, ...controlLeaves].map((leaf) => topicOf(device, leaf)));
    const level = fc.oneof(
      fc.constantFrom(
        "sedge",
        "v1",
        "s",
        "d",
        "+",
        "#",
        "$SYS",
        "$share",
        "",
        "\0",
        ...topicOf(device, "blk/req").split("/"),
      ),
      fc.string(),
    );
    const topic = fc.oneof(
      fc.array(level, { maxLength: 10 }).map((levels) => levels.join("/")),
      fc.constantFrom(...own).chain((known) => level.map((extra) => `${known}/${extra}`)),
      fc.constantFrom(...own).chain((known) => level.map((group) => `$share/${group}/${known}`)),
      fc.constantFrom(...own).map((known) => known.replace(device, "+")),
      fc.constantFrom(...[...deviceLeaves, ...controlLeaves].map((leaf) => topicOf(other, leaf))),
    );
    fc.assert(
      fc.property(topic, (text) => {
        fc.pre(!own.has(text));
        expect(mayPublish(rights, publishing(text))).toBe(false);
        expect(maySubscribe(rights, text)).toBe(false);
        expect(mayReceive(rights, text)).toBe(false);
      }),
    );
  });
});
