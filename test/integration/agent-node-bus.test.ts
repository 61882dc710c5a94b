import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../edge-agent/adapters/node/system-clock.ts";
import { mqttBus } from "../../edge-agent/adapters/portable/mqtt-bus.ts";
import type { Connection } from "../../edge-agent/core/ports.ts";
import { decodeDeviceMessage, encodeControlMessage, leafOfControlMessage } from "../../proto/codec.ts";
import type { ControlMessage } from "../../proto/messages.ts";
import type { GuardedBroker } from "../support/guarded-broker.ts";
import { rightSecret, startGuardedBroker, until } from "../support/guarded-broker.ts";
import { logLines } from "../support/log-lines.ts";
import { aDevice, controlMessages, deviceMessages } from "../support/messages.ts";

const signal = new AbortController().signal;
const will = deviceMessages.status;

function urlOf({ broker }: GuardedBroker): string {
  return `mqtt://127.0.0.1:${broker.address.port}`;
}

function busTo(urls: readonly string[], secret = rightSecret, log = logLines()) {
  return mqttBus({ urls, device: aDevice, secret, clock: systemClock, log });
}

async function collect(connection: Connection, into: ControlMessage[]): Promise<void> {
  for await (const message of connection.messages) into.push(message);
}

describe("a device's connection over MQTT", () => {
  it("sends every message of the contract on its topic, and receives every message", async () => {
    await using guarded = await startGuardedBroker();
    const received: string[] = [];
    guarded.broker.onMessage((device, leaf, payload) => {
      const message = decodeDeviceMessage(payload);
      received.push(`${device} ${leaf} ${message.ok ? message.value.kind : "garbage"}`);
    });
    const connection = await busTo([urlOf(guarded)]).connect(will, signal);
    const messages: ControlMessage[] = [];
    const ended = collect(connection, messages);

    const telemetry = { ...deviceMessages.telemetry, lane: "lifecycle" as const };
    const sent = [...Object.values(deviceMessages), telemetry];
    for (const message of sent) await connection.publish(message, signal);
    await until("all messages are there", () => received.length === sent.length);
    expect(received).toEqual([
      `${aDevice} birth birth`,
      `${aDevice} status status`,
      `${aDevice} tele telemetry`,
      `${aDevice} rep reported`,
      `${aDevice} blk/req block-request`,
      `${aDevice} blk/req delta-request`,
      `${aDevice} evt telemetry`,
    ]);

    for (const message of Object.values(controlMessages))
      await guarded.broker.publish(aDevice, leafOfControlMessage[message.kind], encodeControlMessage(message));
    await until("all messages are there", () => messages.length === Object.keys(controlMessages).length);
    expect(messages).toEqual(Object.values(controlMessages));
    await connection.close();
    await ended;
  });

  it("leaves out what it cannot read, with a line in the log, and goes on", async () => {
    await using guarded = await startGuardedBroker();
    const log = logLines();
    const connection = await busTo([urlOf(guarded)], rightSecret, log).connect(will, signal);
    const messages: ControlMessage[] = [];
    const ended = collect(connection, messages);
    await guarded.broker.publish(aDevice, "desired", Buffer.from("garbage"));
    await guarded.broker.publish(aDevice, "cmd", new Uint8Array());
    await guarded.broker.publish(aDevice, "ack", encodeControlMessage(controlMessages.ack));
    await until("the readable message is there", () => messages.length === 1);
    expect(log.lines).toContain("warn a message cannot be read and is left out");
    expect(log.lines).toContain("info a message of a newer control plane is left out");
    await connection.close();
    await ended;
  });

  it("is refused with a wrong secret, and where nobody listens", async () => {
    await using guarded = await startGuardedBroker();
    await expect(busTo([urlOf(guarded)], "wrong").connect(will, signal)).rejects.toThrow(/Bad username or password/);
    await expect(busTo(["mqtt://127.0.0.1:1"]).connect(will, signal)).rejects.toThrow(/ECONNREFUSED/);
    await expect(busTo([]).connect(will, signal)).rejects.toThrow("enrol it again");
  });

  it("gives up a broker that announces more than a device takes, before it has come", async () => {
    const [connectAccepted, publishOf200Megabytes] = [
      [0x20, 2, 0, 0],
      [0x32, 0x80, 0x84, 0xaf, 0x5f],
    ];
    let closed: Promise<unknown> | undefined;
    const foreign = createServer((socket) => {
      closed = once(socket, "close");
      socket.once("data", () => socket.write(Buffer.from([...connectAccepted, ...publishOf200Megabytes])));
    }).listen(0, "127.0.0.1");
    await once(foreign, "listening");
    const log = logLines();
    const { port } = foreign.address() as AddressInfo;
    await expect(busTo([`mqtt://127.0.0.1:${port}`], rightSecret, log).connect(will, signal)).rejects.toThrow(
      "announced a packet of more than 1048576 bytes",
    );
    expect(log.lines).toContain("warn the connection to the broker is given up");
    await closed;
    foreign.close();
  });

  it("takes the next address when one does not answer: MQTT over WebSocket", async () => {
    await using guarded = await startGuardedBroker({ webSocket: {} });
    const port = guarded.broker.webSocketAddress?.port ?? 0;
    const connection = await busTo(["mqtt://127.0.0.1:1", `ws://127.0.0.1:${port}/mqtt`]).connect(will, signal);
    await connection.publish(deviceMessages.birth, signal);
    await until("the birth is there", () => guarded.messages.length > 0);
    expect(guarded.messages.map((line) => line.split(" ")[1])).toEqual(["birth"]);
    await connection.close();
  });

  it("ends everything that waits when the broker goes away", async () => {
    const guarded = await startGuardedBroker();
    const connection = await busTo([urlOf(guarded)]).connect(will, signal);
    const ended = collect(connection, []);
    await guarded[Symbol.asyncDispose]();
    await connection.closed;
    await ended;
    await expect(connection.publish(deviceMessages.birth, signal)).rejects.toThrow(
      "the connection to the broker was lost",
    );
  });

  it("is a new one after each attempt: nothing of the old one is sent again", async () => {
    await using guarded = await startGuardedBroker();
    const bus = busTo([urlOf(guarded)]);
    const first = await bus.connect(will, signal);
    await first.publish(deviceMessages.birth, signal);
    await first.close();
    const second = await bus.connect(will, signal);
    await second.publish(deviceMessages.reported, signal);
    await until("the second message is there", () => guarded.messages.length >= 2);
    expect(guarded.messages.map((line) => line.split(" ")[1])).toEqual(["birth", "rep"]);
    await second.close();
  });

  it("can be given up while it is made", async () => {
    await using guarded = await startGuardedBroker({ authenticate: () => new Promise(() => undefined) });
    const stop = new AbortController();
    const connecting = busTo([urlOf(guarded)]).connect(will, stop.signal);
    stop.abort(new Error("shutting down"));
    await expect(connecting).rejects.toThrow("shutting down");
  });
});
