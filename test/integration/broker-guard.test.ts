import { Aedes } from "aedes";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import fc from "fast-check";
import { generate } from "mqtt-packet";
import { describe, expect, it } from "vitest";
import type { Admitted } from "../../control-plane/messaging/broker-connection.ts";
import { exemptAddresses } from "../../control-plane/messaging/address-limits.ts";
import { createCounters } from "../../control-plane/messaging/broker-counters.ts";
import { createBrokerHooks } from "../../control-plane/messaging/broker-hooks.ts";
import { defaultBrokerLimits } from "../../control-plane/messaging/broker-limits.ts";
import { createDeviceDirectory } from "../../control-plane/messaging/device-directory.ts";
import {
  PacketTooLargeError,
  UnsupportedBrokerLibraryError,
  assertPacketCapFits,
  capPackets,
} from "../../control-plane/messaging/packet-cap.ts";
import { parseDeviceId } from "../../proto/ids.ts";
import { limits } from "../../proto/limits.ts";
import { deviceLeaves, topicOf } from "../../proto/topics.ts";
import { connectDevice, rightSecret, startGuardedBroker, until } from "../support/guarded-broker.ts";
import type { RawConnectOptions, RawMqttClient } from "../support/raw-mqtt-client.ts";
import {
  ConnectionEndedError,
  connectPacket,
  connectRawClient,
  openRawClient,
  subscribeRaw,
} from "../support/raw-mqtt-client.ts";

const device = parseDeviceId("cam-1");
const other = parseDeviceId("cam-2");
const status = topicOf(device, "status");

function publish(
  client: RawMqttClient,
  topic: string,
  options: { readonly qos?: 0 | 1 | 2; readonly retain?: boolean } = {},
) {
  const { qos = 1, retain = false } = options;
  client.send({ cmd: "publish", topic, payload: "x", qos, messageId: 1, dup: false, retain });
}

/** A fixed header and nothing after it. */
function announce(command: number, bytes: number): Buffer {
  const header = [command << 4];
  let rest = bytes;
  do {
    header.push((rest % 128) | (rest >= 128 ? 128 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Buffer.from(header);
}

const connectCommand = 1;
const publishCommand = 3;

describe("who may connect", () => {
  it.each<[string, RawConnectOptions, number]>([
    ["an empty client id", { clientId: "", username: "", password: rightSecret }, 2],
    ["a client id outside the grammar", { clientId: "Cam 1", password: rightSecret }, 2],
    ["another device's user name", { clientId: device, username: other, password: rightSecret }, 2],
    ["a wrong secret", { clientId: device, password: "wrong" }, 4],
    ["no secret", { clientId: device }, 4],
    ["no keep-alive", { clientId: device, password: rightSecret, keepalive: 0 }, 6],
    ["a keep-alive that is too long", { clientId: device, password: rightSecret, keepalive: 61 }, 6],
    [
      "a version of MQTT that the broker does not speak",
      { clientId: device, password: rightSecret, protocolVersion: 5 },
      1,
    ],
  ])("not %s", async (_name, options, expected) => {
    await using started = await startGuardedBroker();
    const { client, returnCode } = await connectRawClient(started.broker.address, options);
    expect(returnCode).toBe(expected);
    await client.closed;
    expect(started.presence).toEqual([]);
  });

  it("not an empty client id that asks for a session", async () => {
    await using started = await startGuardedBroker();
    const client = await openRawClient(started.broker.address);
    const bytes = generate(connectPacket({ clientId: "", username: "", password: rightSecret }));
    // The generator refuses to write this, so the flag for a clean session is taken out by hand.
    const flagsAt = 9;
    bytes[flagsAt] = (bytes[flagsAt] ?? 0) & ~0b10;
    client.sendBytes(bytes);
    expect((await client.expect("connack")).returnCode).toBe(2);
    await client.closed;
  });

  it("not while the credential cannot be checked, which is not the device's fault", async () => {
    await using started = await startGuardedBroker({ authenticate: () => Promise.reject(new Error("no database")) });
    const { client, returnCode } = await connectRawClient(started.broker.address, { clientId: device, password: "x" });
    expect(returnCode).toBe(3);
    await client.closed;
    expect(started.broker.counters().refused["authentication-failure"]).toBe(1);
  });

  it("not when the check takes too long", async () => {
    await using started = await startGuardedBroker({
      authenticate: () => new Promise(() => {}),
      limits: { authenticationTimeoutMs: 50 },
    });
    const { client, returnCode } = await connectRawClient(started.broker.address, { clientId: device, password: "x" });
    expect(returnCode).toBe(3);
    await client.closed;
    expect(started.broker.counters().refused["authentication-timeout"]).toBe(1);
  });

  it("not who sends no CONNECT in time, or only half of one", async () => {
    await using started = await startGuardedBroker({ limits: { connectTimeoutMs: 50 } });
    const silent = await openRawClient(started.broker.address);
    const halting = await openRawClient(started.broker.address);
    halting.sendBytes(Buffer.from([0x10, 0x20, 0x00]));
    await Promise.all([silent.closed, halting.closed]);
    expect(started.broker.counters().refused.protocol).toBe(2);
  });

  it("not faster, all together, than the connection rate", async () => {
    await using started = await startGuardedBroker({ limits: { connectionRate: { perSecond: 0.001, burst: 3 } } });
    const codes: number[] = [];
    for (let n = 0; n < 5; n++) {
      const { client, returnCode } = await connectRawClient(started.broker.address, {
        clientId: `cam-${n}`,
        password: rightSecret,
      });
      codes.push(returnCode);
      await client[Symbol.asyncDispose]();
    }
    expect(codes).toEqual([0, 0, 0, 3, 3]);
    expect(started.broker.counters().refused["connection-rate"]).toBe(2);
  });

  it("not more at once than there is room for", async () => {
    await using started = await startGuardedBroker({ limits: { connections: 1 } });
    await using first = await connectDevice(started.broker, device);
    const second = await openRawClient(started.broker.address);
    await second.closed;
    expect(first.socket.destroyed).toBe(false);
    expect(started.broker.counters().refused["too-many-connections"]).toBe(1);
  });

  it("not more of one address at once than it may have, until one of them ends", async () => {
    await using started = await startGuardedBroker({ limits: { connectionsOfAddress: 1 }, isExempt: () => false });
    const first = await connectDevice(started.broker, device);
    const second = await openRawClient(started.broker.address);
    await second.closed;
    expect(first.socket.destroyed).toBe(false);
    expect(started.broker.counters().refused["too-many-of-address"]).toBe(1);
    await first[Symbol.asyncDispose]();
    await until("the broker hears of its end", () => started.broker.connectedDevices().length === 0);
    await using _third = await connectDevice(started.broker, device);
  });

  it("not faster from one address than its pace, which this machine and named proxies do not have", async () => {
    const limits = { addressConnectionRate: { perSecond: 0, burst: 2 } };
    const codesOf = async (isExempt: (address: string) => boolean) => {
      await using started = await startGuardedBroker({ limits, isExempt });
      const codes: number[] = [];
      for (let n = 0; n < 4; n++) {
        const { client, returnCode } = await connectRawClient(started.broker.address, {
          clientId: `cam-${n}`,
          password: rightSecret,
        });
        codes.push(returnCode);
        await client[Symbol.asyncDispose]();
      }
      return [codes, started.broker.counters().refused["address-rate"]];
    };
    expect(await codesOf(() => false)).toEqual([[0, 0, 3, 3], 2]);
    expect(await codesOf(exemptAddresses([]))).toEqual([[0, 0, 0, 0], 0]);
  });

  it("not twice on one connection", async () => {
    await using started = await startGuardedBroker();
    const client = await connectDevice(started.broker, device);
    client.send(connectPacket({ clientId: device, password: rightSecret }));
    await client.closed;
    expect(started.broker.counters().refused.protocol).toBe(1);
  });

  it("not who begins with something else", async () => {
    await using started = await startGuardedBroker();
    const client = await openRawClient(started.broker.address);
    publish(client, topicOf(device, "tele"));
    await client.closed;
    expect(started.messages).toEqual([]);
  });
});

describe("the will", () => {
  it.each<[string, NonNullable<RawConnectOptions["will"]>]>([
    ["of another device", { topic: topicOf(other, "status"), payload: Buffer.from("x"), qos: 1, retain: false }],
    ["on another topic", { topic: topicOf(device, "tele"), payload: Buffer.from("x"), qos: 1, retain: false }],
    ["on a $ topic", { topic: "$SYS/x/new/clients", payload: Buffer.from(other), qos: 0, retain: false }],
    ["that is retained", { topic: status, payload: Buffer.from("x"), qos: 1, retain: true }],
    ["with quality of service 2", { topic: status, payload: Buffer.from("x"), qos: 2, retain: false }],
    ["that is too large", { topic: status, payload: Buffer.alloc(1025), qos: 1, retain: false }],
  ])("%s is refused when it is announced", async (_name, will) => {
    await using started = await startGuardedBroker();
    const { client, returnCode } = await connectRawClient(started.broker.address, {
      clientId: device,
      password: rightSecret,
      will,
    });
    expect(returnCode).toBe(5);
    await client.closed;
    expect(started.broker.counters().refused.will).toBe(1);
    expect(started.messages).toEqual([]);
  });
});

describe("publishing", () => {
  it.each<[string, string, Parameters<typeof publish>[2]?]>([
    ["to another device's topic", topicOf(other, "tele")],
    ["as the control plane", topicOf(device, "desired")],
    ["to its own topic on the wrong shard", topicOf(device, "tele").replace(/\/s\/\d\d\//, "/s/99/")],
    ["to a topic below its own", `${topicOf(device, "tele")}/more`],
    ["to a $SYS topic", "$SYS/another-broker/new/clients"],
    ["to any other $ topic", "$dropped"],
    ["to a topic with a wildcard", "sedge/v1/#"],
    ["to a topic with a NUL in it", `${topicOf(device, "tele")}\0`],
    ["to a topic of a thousand levels", "a/".repeat(1_000)],
    ["with quality of service 2", topicOf(device, "tele"), { qos: 2 }],
    ["with the wish to be retained", topicOf(device, "tele"), { retain: true }],
  ])("%s ends the connection and reaches nobody", async (_name, topic, options) => {
    await using started = await startGuardedBroker();
    await using bystander = await connectDevice(started.broker, other);
    const client = await connectDevice(started.broker, device);
    publish(client, topic, options);
    await client.closed;
    expect(started.messages).toEqual([]);
    bystander.send({ cmd: "pingreq" });
    await bystander.expect("pingresp");
  });
});

describe("subscribing", () => {
  it("grants exactly the device's own topics and refuses all else", async () => {
    await using started = await startGuardedBroker();
    await using client = await connectDevice(started.broker, device);
    const own = topicOf(device, "desired");
    const granted = await subscribeRaw(client, [
      own,
      topicOf(other, "desired"),
      own.replace(device, "+"),
      "#",
      "$SYS/#",
      `$share/group/${own}`,
      topicOf(device, "tele"),
      `${own}\0`,
    ]);
    expect(granted).toEqual([1, 128, 128, 128, 128, 128, 128, 128]);
    expect(started.broker.counters().refused.filter).toBe(7);
  });

  it("never keeps a filter that was refused, nor a session", async () => {
    await using started = await startGuardedBroker();
    const filters = [topicOf(device, "desired"), topicOf(other, "desired")];
    const first = await connectDevice(started.broker, device, { clean: false });
    expect(await subscribeRaw(first, filters)).toEqual([1, 128]);
    await first[Symbol.asyncDispose]();
    await until("the device has gone", () => started.broker.connectedDevices().length === 0);

    await using victim = await connectDevice(started.broker, other);
    await subscribeRaw(victim, filters.slice(1));
    await started.broker.publish(other, "desired", Buffer.from("for the other one, while the first is away"));
    await victim.expect("publish");

    await using again = await connectDevice(started.broker, device, { clean: false });
    expect((await again.expect("connack")).sessionPresent).toBe(false);
    await started.broker.publish(other, "desired", Buffer.from("for the other one"));
    await victim.expect("publish", (packet) => packet.payload.toString() === "for the other one");
    await subscribeRaw(again, filters.slice(0, 1));
    await started.broker.publish(device, "desired", Buffer.from("for me"));
    await again.expect("publish");
    const payloads = again.received.flatMap((packet) => (packet.cmd === "publish" ? [packet.payload.toString()] : []));
    expect(payloads).toEqual(["for me"]);
  });

  it("ends the connection of a client that keeps asking for what it may not have", async () => {
    await using started = await startGuardedBroker({ limits: { refusedFilters: 3 } });
    const client = await connectDevice(started.broker, device);
    expect(await subscribeRaw(client, ["a", "b", "c"])).toEqual([128, 128, 128]);
    client.send({ cmd: "subscribe", messageId: 7, subscriptions: [{ topic: "d", qos: 0 }] });
    await client.closed;
  });
});

describe("the hooks, on a broker that grants every filter", () => {
  /** A broker whose first wall is missing, so that the one behind it is seen at work. */
  async function startWithoutSubscriptionWall() {
    const counters = createCounters();
    const directory = createDeviceDirectory<Admitted>(() => {}, Date.now);
    const hooks = createBrokerHooks({
      authenticate: async () => true,
      limits: defaultBrokerLimits,
      counters,
      directory,
      refuse: (reason) => (counters.refused[reason] += 1),
      addressPace: { take: () => true },
      now: Date.now,
      isStopping: () => false,
      authenticationFailed: () => {},
    });
    const aedes = await Aedes.createBroker({
      ...hooks.options,
      authorizeSubscribe: (_client, subscription, callback) => callback(null, subscription),
    });
    const server = createServer((socket) => aedes.handle(socket)).listen(0, "127.0.0.1");
    await once(server, "listening");
    return {
      aedes,
      hooks,
      directory,
      counters,
      address: { host: "127.0.0.1", port: (server.address() as AddressInfo).port },
      [Symbol.asyncDispose]: async () => {
        await new Promise<void>((done) => aedes.close(done));
        await server[Symbol.asyncDispose]();
      },
    };
  }

  it("still deliver to a device only what is its own", async () => {
    await using started = await startWithoutSubscriptionWall();
    const { client } = await connectRawClient(started.address, { clientId: device, password: "x" });
    expect(await subscribeRaw(client, ["#"])).toEqual([1]);
    for (const topic of [topicOf(other, "desired"), topicOf(device, "tele"), topicOf(device, "desired")]) {
      started.aedes.publish({ cmd: "publish", topic, payload: topic, qos: 1, retain: false, dup: false }, () => {});
    }
    await client.expect("publish", (packet) => packet.topic === topicOf(device, "desired"));
    expect(client.received.filter((packet) => packet.cmd === "publish")).toHaveLength(1);
    expect(started.counters.refused.delivery).toBeGreaterThanOrEqual(2);
    await client[Symbol.asyncDispose]();
  });

  it("publish no will of a connection that was replaced", async () => {
    await using started = await startWithoutSubscriptionWall();
    const heard: string[] = [];
    await new Promise<void>((done) => {
      const hear = (packet: { readonly payload: unknown }, next: () => void) => {
        heard.push(String(packet.payload));
        next();
      };
      started.aedes.subscribe(status, hear, done);
    });
    for (const replaced of [false, true]) {
      const arrived = once(started.aedes, "clientReady");
      const { client } = await connectRawClient(started.address, {
        clientId: device,
        password: "x",
        will: { topic: status, payload: Buffer.from(replaced ? "stale" : "current"), qos: 1, retain: false },
      });
      const [known] = await arrived;
      const own = started.hooks.admittedOf(known);
      if (own === undefined) throw new Error("the client was not admitted");
      started.directory.arrive(replaced ? { ...own } : own);
      const gone = once(started.aedes, "clientDisconnect");
      client.socket.resetAndDestroy();
      await gone;
      await new Promise<void>((done) => {
        started.aedes.publish(
          { cmd: "publish", topic: status, payload: "later", qos: 1, retain: false, dup: false },
          () => done(),
        );
      });
      started.directory.depart(own);
    }
    expect(heard).toEqual(["current", "later", "later"]);
  });

  it("publish nothing in the name of a client that is not there", async () => {
    await using started = await startWithoutSubscriptionWall();
    const refusal = await new Promise((resolve) => {
      const packet = { cmd: "publish", topic: status, payload: "x", qos: 1, retain: false, dup: false } as const;
      started.hooks.options.authorizePublish(null, packet, resolve);
    });
    expect(refusal).toBeInstanceOf(Error);
  });
});

describe("the size of packets", () => {
  it("is cut before CONNECT at what a CONNECT may need", async () => {
    await using started = await startGuardedBroker();
    const allowed = await openRawClient(started.broker.address);
    allowed.sendBytes(announce(connectCommand, limits.packetBytesBeforeConnect));
    const cut = await openRawClient(started.broker.address);
    cut.sendBytes(announce(connectCommand, limits.packetBytesBeforeConnect + 1));
    await cut.closed;
    expect(started.broker.counters().refused["packet-size"]).toBe(1);
    expect(allowed.socket.destroyed).toBe(false);
    await allowed[Symbol.asyncDispose]();
  });

  it("is cut at the header: 256 MiB are never waited for", async () => {
    await using started = await startGuardedBroker();
    const client = await openRawClient(started.broker.address);
    client.sendBytes(announce(connectCommand, 256 * 1024 * 1024 - 1));
    await client.closed;
    expect(started.broker.counters().refused["packet-size"]).toBe(1);
  });

  it("stays small while the credential is being checked", async () => {
    await using started = await startGuardedBroker({ authenticate: () => new Promise(() => {}) });
    const client = await openRawClient(started.broker.address);
    const connect = generate(connectPacket({ clientId: device, password: rightSecret }));
    client.sendBytes(Buffer.concat([connect, announce(publishCommand, limits.packetBytes)]));
    await client.closed;
    expect(started.messages).toEqual([]);
    expect(started.broker.counters().refused["packet-size"]).toBe(1);
  });

  it("may reach the contract's limit once a device is connected, and not pass it", async () => {
    await using started = await startGuardedBroker();
    const client = await connectDevice(started.broker, device);
    const topic = topicOf(device, "tele");
    const overhead = 2 + topic.length + 2;
    const payload = Buffer.alloc(limits.packetBytes - overhead, "x");
    client.send({ cmd: "publish", topic, payload, qos: 1, messageId: 1, dup: false, retain: false });
    await client.expect("puback");
    await until("the message arrived", () => started.messages.length === 1);
    client.sendBytes(announce(publishCommand, limits.packetBytes + 1));
    await client.closed;
    expect(started.broker.counters().refused["packet-size"]).toBe(1);
  });

  it("is held by the version of aedes that is installed, and by no other", async () => {
    const aedes = await Aedes.createBroker();
    expect(() => assertPacketCapFits(aedes)).not.toThrow();
    const other = Object.create(aedes, { version: { value: "1.3.0" } }) as Aedes;
    expect(() => assertPacketCapFits(other)).toThrow(UnsupportedBrokerLibraryError);
    const server = createServer((socket) => {
      const client = aedes.handle(socket);
      capPackets(client, () => 10);
      const withoutParser = Object.create(client, { _parser: { value: undefined } }) as typeof client;
      expect(() => capPackets(withoutParser, () => 10)).toThrow(UnsupportedBrokerLibraryError);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const failed = once(aedes, "connectionError");
    const client = await openRawClient({ host: "127.0.0.1", port: (server.address() as AddressInfo).port });
    client.sendBytes(announce(connectCommand, 11));
    await client.closed;
    expect((await failed)[1]).toBeInstanceOf(PacketTooLargeError);
    await new Promise<void>((done) => aedes.close(done));
    await server[Symbol.asyncDispose]();
  });
});

describe("a device that sends too much", () => {
  it("is acknowledged, keeps its connection, and loses what is beyond the rate, which is counted", async () => {
    const burst = 10;
    await using started = await startGuardedBroker({
      limits: { messageRate: { perSecond: 0.001, burst }, longestDelayMs: 0 },
    });
    await using client = await connectDevice(started.broker, device);
    await using calm = await connectDevice(started.broker, other);
    const topic = topicOf(device, "tele");
    for (let messageId = 1; messageId <= 50; messageId++) {
      client.send({ cmd: "publish", topic, payload: String(messageId), qos: 1, messageId, dup: false, retain: false });
    }
    await client.expect("puback", (packet) => packet.messageId === 50);
    const acknowledged = client.received.flatMap((packet) => (packet.cmd === "puback" ? [packet.messageId] : []));
    expect(acknowledged).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
    publish(calm, topicOf(other, "tele"));
    await until("the other device's message arrived", () => started.messages.includes(`${other} tele x`));
    expect(started.messages.filter((message) => message.startsWith(`${device} `))).toEqual(
      Array.from({ length: burst }, (_, index) => `${device} tele ${index + 1}`),
    );
    expect(started.broker.counters().dropped["message-rate"]).toBe(40);
  });

  it("is slowed down by its own socket, not by the broker's memory", async () => {
    await using started = await startGuardedBroker({
      limits: { messageRate: { perSecond: 50, burst: 1 }, longestDelayMs: 3_600_000 },
    });
    await using client = await connectDevice(started.broker, device);
    const message = {
      cmd: "publish",
      topic: topicOf(device, "tele"),
      payload: Buffer.alloc(60 * 1024),
      qos: 0,
      dup: false,
      retain: false,
    } as const;
    // What the kernel holds of them is its own affair: some give a loopback connection tens of megabytes.
    for (let n = 0; n < 1_000; n++) client.send(message);
    await until("some messages arrived", () => started.messages.length >= 5);
    const waiting = started.broker.counters().slowed - started.messages.length;
    // The rest of a message, one chunk of a socket and what Node reads ahead of it: 188 KiB at most.
    expect(waiting).toBeLessThanOrEqual(3);
  });

  it("loses nothing while its socket slows it down, and is heard again when it has paused", async () => {
    await using started = await startGuardedBroker({
      limits: { messageRate: { perSecond: 400, burst: 1 }, longestDelayMs: 300 },
    });
    await using client = await connectDevice(started.broker, device);
    const topic = topicOf(device, "tele");
    const sent = Array.from({ length: 40 }, (_, n) => `${n} `.padEnd(60 * 1024, "x"));
    // Two sendings: the second arrives at a socket that was held and is at rest again.
    for (const half of [sent.slice(0, 20), sent.slice(20)]) {
      const before = started.messages.length;
      for (const payload of half) client.send({ cmd: "publish", topic, payload, qos: 0, dup: false, retain: false });
      await until("they arrived", () => started.messages.length === before + half.length);
    }
    expect(started.messages).toEqual(sent.map((payload) => `${device} tele ${payload}`));
    expect(started.broker.counters().dropped["message-rate"]).toBe(0);
  });
});

/** Where a CONNECT must come soon: a machine that stood still for a moment may be too late with it. */
async function connectPatiently(...to: Parameters<typeof connectDevice>): Promise<RawMqttClient> {
  for (;;) {
    const client = await connectDevice(...to).catch((error: unknown) => {
      if (!(error instanceof ConnectionEndedError)) throw error;
    });
    if (client !== undefined) return client;
  }
}

describe("garbage", () => {
  const tele = topicOf(device, "tele");

  it("before CONNECT ends the connection and nothing else", async () => {
    await using started = await startGuardedBroker({ limits: { connectTimeoutMs: 100 } });
    await using bystander = await connectPatiently(started.broker, other);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 600 }), async (bytes) => {
        const client = await openRawClient(started.broker.address);
        client.sendBytes(bytes);
        await client.closed;
      }),
      { numRuns: 40 },
    );
    expect(started.messages).toEqual([]);
    expect(started.presence).toEqual([`${other} connected`]);
    bystander.send({ cmd: "pingreq" });
    await bystander.expect("pingresp");
  });

  it("from a connected device reaches the control plane only as a whole, allowed message", async () => {
    await using started = await startGuardedBroker();
    const allowed = new Set<string>(deviceLeaves.map((leaf) => `${device} ${leaf}`));
    const whole = Buffer.concat([
      announce(publishCommand, 2 + tele.length + 4),
      Buffer.from([0, tele.length]),
      Buffer.from(`${tele}body`),
    ]);
    const frames = fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 300 }),
      // Half a frame, and a frame with one byte changed.
      fc.integer({ min: 1, max: whole.length - 1 }).map((length) => new Uint8Array(whole.subarray(0, length))),
      fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 })).map(([at, flip]) => {
        const changed = new Uint8Array(whole);
        changed[at] = (changed[at] ?? 0) ^ flip;
        return changed;
      }),
      // A well-formed header of every kind of packet over a body that is not.
      fc
        .tuple(fc.integer({ min: 0, max: 255 }), fc.uint8Array({ maxLength: 100 }))
        .map(([first, body]) => Uint8Array.from([first, body.length, ...body])),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(frames, { minLength: 1, maxLength: 4 }), async (sent) => {
        const client = await connectDevice(started.broker, device);
        for (const bytes of sent) client.sendBytes(bytes);
        client.socket.end();
        await client.closed;
      }),
      { numRuns: 150 },
    );
    await using client = await connectDevice(started.broker, device);
    client.sendBytes(whole);
    await until("a whole message still arrives", () => started.messages.includes(`${device} tele body`));
    expect(started.messages.filter((message) => !allowed.has(message.split(" ", 2).join(" ")))).toEqual([]);
    expect(started.broker.counters().dropped["handler-failure"]).toBe(0);
  });
});
