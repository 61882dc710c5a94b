import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { connectAsync } from "mqtt";
import WebSocket from "ws";
import { describe, expect, it } from "vitest";
import { CannotListenError, PortInUseError } from "../../control-plane/messaging/broker-listeners.ts";
import { startEmbeddedBroker } from "../../control-plane/messaging/embedded-broker.ts";
import { parseDeviceId } from "../../proto/ids.ts";
import { controlLeaves, deviceLeaves, topicOf } from "../../proto/topics.ts";
import { connectDevice, rightSecret, startGuardedBroker, until } from "../support/guarded-broker.ts";
import { connectRawClient, openRawClient, subscribeRaw } from "../support/raw-mqtt-client.ts";

const device = parseDeviceId("cam-1");
const quiet = { log: { info() {}, warn() {} }, authenticate: async () => true, now: Date.now };

describe("messages of devices", () => {
  it("reach the control plane from each of a device's topics", async () => {
    await using started = await startGuardedBroker();
    await using client = await connectDevice(started.broker, device);
    for (const [index, leaf] of deviceLeaves.entries()) {
      client.send({
        cmd: "publish",
        topic: topicOf(device, leaf),
        payload: leaf,
        qos: 1,
        messageId: index + 1,
        dup: false,
        retain: false,
      });
      await client.expect("puback", (packet) => packet.messageId === index + 1);
    }
    await until("all messages arrived", () => started.messages.length === deviceLeaves.length);
    expect(started.messages).toEqual(deviceLeaves.map((leaf) => `${device} ${leaf} ${leaf}`));
  });

  it("keep the order of each device while it is slowed down", async () => {
    await using started = await startGuardedBroker({
      limits: { messageRate: { perSecond: 1_000, burst: 10 }, longestDelayMs: 60_000 },
    });
    const count = 200;
    const ids = ["cam-1", "cam-2", "cam-3"].map(parseDeviceId);
    const clients = await Promise.all(ids.map((id) => connectDevice(started.broker, id)));
    for (let n = 1; n <= count; n++) {
      for (const [index, client] of clients.entries()) {
        const topic = topicOf(ids[index] ?? device, "tele");
        client.send({ cmd: "publish", topic, payload: String(n), qos: 1, messageId: n, dup: false, retain: false });
      }
    }
    await until("all messages arrived", () => started.messages.length === count * ids.length);
    for (const id of ids) {
      const own = started.messages.filter((message) => message.startsWith(`${id} `));
      expect(own).toEqual(Array.from({ length: count }, (_, n) => `${id} tele ${n + 1}`));
    }
    expect(started.broker.counters()).toMatchObject({ received: count * ids.length, dropped: { "message-rate": 0 } });
    expect(started.broker.counters().slowed).toBeGreaterThan(0);
    await Promise.all(clients.map((client) => client[Symbol.asyncDispose]()));
  });

  it("reach the other handlers when one of them throws", async () => {
    await using started = await startGuardedBroker();
    const stop = started.broker.onMessage(() => {
      throw new Error("a handler's mistake");
    });
    const seen: string[] = [];
    started.broker.onMessage((_device, leaf) => seen.push(leaf));
    await using client = await connectDevice(started.broker, device);
    const publish = () =>
      client.send({ cmd: "publish", topic: topicOf(device, "evt"), payload: "", qos: 0, dup: false, retain: false });
    publish();
    await until("the message arrived", () => seen.length === 1);
    expect(started.broker.counters().dropped["handler-failure"]).toBe(1);
    stop();
    publish();
    await until("the second message arrived", () => seen.length === 2);
    expect(started.broker.counters().dropped["handler-failure"]).toBe(1);
  });
});

describe("messages to devices", () => {
  it("reach the device they are for, in order, and nobody else", async () => {
    await using started = await startGuardedBroker();
    const other = parseDeviceId("cam-2");
    await using one = await connectDevice(started.broker, device);
    await using two = await connectDevice(started.broker, other);
    const all = controlLeaves.map((leaf) => topicOf(device, leaf));
    expect(await subscribeRaw(one, all)).toEqual(all.map(() => 1));
    await subscribeRaw(two, [topicOf(other, "desired")]);

    for (let n = 0; n < 100; n++) expect(await started.broker.publish(device, "desired", Buffer.from([n]))).toBe(true);
    await started.broker.publish(other, "desired", Buffer.from("last"));
    await two.expect("publish", (packet) => packet.payload.toString() === "last");
    await one.expect("publish", (packet) => packet.payload[0] === 99);

    const received = one.received.filter((packet) => packet.cmd === "publish");
    expect(received.map((packet) => packet.payload[0])).toEqual(Array.from({ length: 100 }, (_, n) => n));
    expect(received.every((packet) => packet.qos === 1 && !packet.retain)).toBe(true);
    expect(two.received.filter((packet) => packet.cmd === "publish")).toHaveLength(1);
  });

  it("are told to have found nobody when the device is not connected", async () => {
    await using started = await startGuardedBroker();
    expect(await started.broker.publish(device, "desired", Buffer.from("x"))).toBe(false);
    await using client = await connectDevice(started.broker, device);
    await subscribeRaw(client, [topicOf(device, "desired")]);
    await started.broker.publish(device, "desired", Buffer.from("now"));
    const push = await client.expect("publish");
    expect(push.payload.toString()).toBe("now");
  });

  it("do not wait for a device that reads nothing", async () => {
    await using started = await startGuardedBroker({ limits: { drainTimeoutMs: 600_000, backlogBytes: 2 ** 30 } });
    const frozen = parseDeviceId("frozen");
    await using stuck = await connectDevice(started.broker, frozen);
    await subscribeRaw(stuck, [topicOf(frozen, "blk/data")]);
    await using healthy = await connectDevice(started.broker, device);
    await subscribeRaw(healthy, [topicOf(device, "desired")]);
    stuck.socket.pause();
    // Far more than the buffers of both sockets take, and more messages than any queue of deliveries would hold open.
    for (let n = 0; n < 500; n++) await started.broker.publish(frozen, "blk/data", new Uint8Array(64 * 1024));
    await started.broker.publish(device, "desired", Buffer.from("still here"));
    expect((await healthy.expect("publish")).payload.toString()).toBe("still here");
    expect(started.broker.connectedDevices()).toContain(frozen);
  });

  it("end the connection of a device whose backlog grows too large", async () => {
    await using started = await startGuardedBroker({ limits: { drainTimeoutMs: 600_000 } });
    await using stuck = await connectDevice(started.broker, device);
    await subscribeRaw(stuck, [topicOf(device, "blk/data")]);
    stuck.socket.pause();
    const block = new Uint8Array(64 * 1024);
    let refused = false;
    while (!refused) {
      refused = !(await started.broker.publish(device, "blk/data", block));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await until("the device is gone", () => started.broker.connectedDevices().length === 0);
    expect(started.broker.counters().dropped["slow-reader"]).toBe(1);
  });

  it("end the connection of a device that does not read on in time", async () => {
    await using started = await startGuardedBroker({ limits: { drainTimeoutMs: 50, backlogBytes: 2 ** 30 } });
    await using stuck = await connectDevice(started.broker, device);
    await subscribeRaw(stuck, [topicOf(device, "blk/data")]);
    stuck.socket.pause();
    const block = new Uint8Array(64 * 1024);
    // However much the buffers of both sockets take.
    while (started.broker.connectedDevices().length > 0) {
      await started.broker.publish(device, "blk/data", block);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(started.broker.counters().dropped["slow-reader"]).toBeGreaterThan(0);
  });
});

describe("presence", () => {
  it("reports who comes and who goes, and who is there", async () => {
    await using started = await startGuardedBroker();
    const client = await connectDevice(started.broker, device);
    await until("the device is there", () => started.presence.length === 1);
    expect(started.broker.connectedDevices()).toEqual([device]);
    await client[Symbol.asyncDispose]();
    await until("the device has gone", () => started.presence.length === 2);
    expect(started.presence).toEqual([`${device} connected`, `${device} disconnected`]);
    expect(started.broker.connectedDevices()).toEqual([]);
  });

  it("tells of a device that has nothing to say but that it is there", async () => {
    await using started = await startGuardedBroker();
    const pings: string[] = [];
    started.broker.onPing((id) => pings.push(id));
    await using client = await connectDevice(started.broker, device);
    client.send({ cmd: "pingreq" });
    await client.expect("pingresp");
    await until("the ping was told", () => pings.length === 1);
    expect(pings).toEqual([device]);
    expect(started.messages).toEqual([]);
  });

  it("ends a connection when it is told to, and the device may come back", async () => {
    await using started = await startGuardedBroker();
    expect(started.broker.disconnect(device)).toBe(false);
    const client = await connectDevice(started.broker, device);
    expect(started.broker.disconnect(device)).toBe(true);
    await client.closed;
    await using again = await connectDevice(started.broker, device);
    expect(again.received).toHaveLength(1);
  });

  it("passes a device's will on when its connection breaks, and not when it says goodbye", async () => {
    await using started = await startGuardedBroker();
    const will = { topic: topicOf(device, "status"), payload: Buffer.from("gone"), qos: 1, retain: false } as const;
    const polite = await connectDevice(started.broker, device, { will });
    polite.send({ cmd: "disconnect" });
    await polite.closed;
    await until("the goodbye was noticed", () => started.presence.length === 2);
    const broken = await connectDevice(started.broker, device, { will });
    broken.socket.resetAndDestroy();
    await until("the will arrived", () => started.messages.length > 0);
    expect(started.messages).toEqual([`${device} status gone`]);
  });
});

describe("a second connection of the same device", () => {
  it("replaces the first, which the counters and the presence tell", async () => {
    await using started = await startGuardedBroker();
    await using first = await connectDevice(started.broker, device);
    await using second = await connectDevice(started.broker, device);
    await first.closed;
    await subscribeRaw(second, [topicOf(device, "desired")]);
    await started.broker.publish(device, "desired", Buffer.from("for the second"));
    expect((await second.expect("publish")).payload.toString()).toBe("for the second");
    expect(started.broker.counters().takeovers).toBe(1);
    expect(started.presence).toEqual([`${device} connected`, `${device} disconnected`, `${device} connected`]);
  });

  it("does not replace it with the wrong secret", async () => {
    await using started = await startGuardedBroker();
    await using first = await connectDevice(started.broker, device);
    const { client: intruder, returnCode } = await connectRawClient(started.broker.address, {
      clientId: device,
      password: "guessed",
    });
    await intruder.closed;
    expect(returnCode).toBe(4);
    first.send({ cmd: "pingreq" });
    await first.expect("pingresp");
    expect(started.broker.counters().takeovers).toBe(0);
  });

  it("leaves exactly one of many that come at once, and presence alternates", async () => {
    await using started = await startGuardedBroker();
    const clients = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const client = await openRawClient(started.broker.address);
        client.send({
          cmd: "connect",
          protocolId: "MQTT",
          protocolVersion: 4,
          clean: true,
          keepalive: 60,
          clientId: device,
          username: device,
          password: Buffer.from(rightSecret),
        });
        // Most of them are replaced, some before their CONNACK.
        await Promise.race([client.expect("connack"), client.closed]).catch(() => client.closed);
        return client;
      }),
    );
    const open = () => clients.filter((client) => !client.socket.destroyed);
    await until("one connection is left", () => open().length === 1);
    expect(started.broker.connectedDevices()).toEqual([device]);
    const [survivor] = open();
    if (survivor === undefined) throw new Error("nobody is left");
    await subscribeRaw(survivor, [topicOf(device, "cmd")]);
    await started.broker.publish(device, "cmd", Buffer.from("to the survivor"));
    expect((await survivor.expect("publish")).payload.toString()).toBe("to the survivor");
    expect(started.presence).toEqual(
      started.presence.map((_, index) => `${device} ${index % 2 === 0 ? "connected" : "disconnected"}`),
    );
    await survivor[Symbol.asyncDispose]();
    await until("the last has gone", () => started.broker.connectedDevices().length === 0);
  });
});

describe("MQTT over WebSocket", () => {
  it("carries messages both ways", async () => {
    await using started = await startGuardedBroker({ webSocket: {} });
    const url = `ws://127.0.0.1:${started.broker.webSocketAddress?.port}`;
    const client = await connectAsync(url, {
      clientId: device,
      username: device,
      password: rightSecret,
      reconnectPeriod: 0,
      keepalive: 60,
    });
    const pushed = new Promise<string>((resolve) =>
      client.once("message", (_topic, payload) => resolve(String(payload))),
    );
    await client.subscribeAsync(topicOf(device, "desired"), { qos: 1 });
    await client.publishAsync(topicOf(device, "tele"), Buffer.alloc(64 * 1024, "x"), { qos: 1 });
    await started.broker.publish(device, "desired", Buffer.from("hello"));
    expect(await pushed).toBe("hello");
    await until("the telemetry arrived", () => started.messages.length === 1);
    expect(started.messages[0]).toHaveLength(`${device} tele `.length + 64 * 1024);
    await client.endAsync();
  });

  it.each([
    ["another subprotocol", "graphql-ws", {}, 400],
    ["a page from elsewhere", "mqtt", { origin: "https://elsewhere.example" }, 403],
  ] as const)("refuses %s", async (_name, protocol, options, status) => {
    await using started = await startGuardedBroker({ webSocket: { webSocketOrigins: ["https://console.example"] } });
    const webSocket = new WebSocket(`ws://127.0.0.1:${started.broker.webSocketAddress?.port}`, protocol, options);
    const [, response] = await once(
      webSocket.on("error", () => {}),
      "unexpected-response",
    );
    expect(response.statusCode).toBe(status);
    webSocket.terminate();
  });

  it("takes a page whose origin is allowed", async () => {
    await using started = await startGuardedBroker({ webSocket: { webSocketOrigins: ["https://console.example"] } });
    const webSocket = new WebSocket(`ws://127.0.0.1:${started.broker.webSocketAddress?.port}`, "mqtt", {
      origin: "https://console.example",
    });
    await once(webSocket, "open");
    expect(webSocket.protocol).toBe("mqtt");
    webSocket.terminate();
  });

  it("ends a connection that sends text, and one that announces more than it may", async () => {
    await using started = await startGuardedBroker({ webSocket: {} });
    const url = `ws://127.0.0.1:${started.broker.webSocketAddress?.port}`;
    for (const nonsense of ["text", Buffer.alloc(1024 * 1024), Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f])]) {
      const webSocket = new WebSocket(url, "mqtt");
      await once(webSocket, "open");
      const closed = once(
        webSocket.on("error", () => {}),
        "close",
      );
      webSocket.send(nonsense);
      await closed;
    }
    expect(started.broker.counters().refused["packet-size"]).toBe(2);
  });

  it("answers a browser that was sent to the wrong port", async () => {
    await using started = await startGuardedBroker({ webSocket: {} });
    const response = await fetch(`http://127.0.0.1:${started.broker.webSocketAddress?.port}/`);
    expect(response.status).toBe(426);
    expect(await response.text()).toContain("MQTT over WebSocket");
  });
});

describe("starting and stopping", () => {
  it("says which port is in use and what to do, and leaves nothing open", async () => {
    await using holder = createServer().listen(0, "127.0.0.1");
    await once(holder, "listening");
    const { port } = holder.address() as AddressInfo;
    const onTcp = startEmbeddedBroker({ ...quiet, host: "127.0.0.1", port });
    await expect(onTcp).rejects.toThrow(PortInUseError);
    await expect(onTcp).rejects.toThrow(`Port ${port} on 127.0.0.1 is already in use`);
    const onWebSocket = startEmbeddedBroker({ ...quiet, host: "127.0.0.1", port: 0, webSocketPort: port });
    await expect(onWebSocket).rejects.toThrow("MQTT over WebSocket cannot listen there");
  });

  it("says when an address is not this machine's", async () => {
    await expect(startEmbeddedBroker({ ...quiet, host: "192.0.2.1", port: 0 })).rejects.toThrow(CannotListenError);
  });

  it("ends every connection, passes no will on, reports nobody as gone, and frees its ports", async () => {
    const started = await startGuardedBroker({ webSocket: {} });
    const { address, webSocketAddress } = started.broker;
    const ids = Array.from({ length: 50 }, (_, n) => parseDeviceId(`cam-${n}`));
    const clients = await Promise.all(
      ids.map((id) =>
        connectDevice(started.broker, id, {
          will: { topic: topicOf(id, "status"), payload: Buffer.from("gone"), qos: 1, retain: false },
        }),
      ),
    );
    const silent = await openRawClient(address);
    const halfOpen = await openRawClient(webSocketAddress ?? address);
    await until("all are there", () => started.presence.length === ids.length);

    await Promise.all([started.broker.close(), started.broker.close()]);

    await Promise.all([...clients, silent, halfOpen].map((client) => client.closed));
    expect(started.messages).toEqual([]);
    expect(started.presence).toHaveLength(ids.length);
    expect(await started.broker.publish(parseDeviceId("cam-0"), "desired", Buffer.from("x"))).toBe(false);
    await expect(openRawClient(address)).rejects.toThrow("ECONNREFUSED");
    await expect(openRawClient(webSocketAddress ?? address)).rejects.toThrow("ECONNREFUSED");
    await using again = await startEmbeddedBroker({ ...quiet, ...address });
    expect(again.address).toEqual(address);
  });

  it("does not wait for a credential that is still being checked", async () => {
    const asked: AbortSignal[] = [];
    const started = await startGuardedBroker({
      authenticate: (_device, _secret, signal) => {
        asked.push(signal);
        return new Promise(() => {});
      },
      limits: { authenticationTimeoutMs: 600_000 },
    });
    const client = await openRawClient(started.broker.address);
    client.send({
      cmd: "connect",
      protocolId: "MQTT",
      protocolVersion: 4,
      clean: true,
      keepalive: 60,
      clientId: device,
      username: device,
      password: Buffer.from("x"),
    });
    await until("the credential is being checked", () => asked.length === 1);
    await started.broker.close();
    await client.closed;
    await until("the check was told", () => asked[0]?.aborted === true);
    expect(started.presence).toEqual([]);
  });
});
