import { connectAsync } from "mqtt";
import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { Aedes } from "aedes";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../edge-agent/adapters/node/system-clock.ts";
import { InferenceError } from "../../edge-agent/core/ports.ts";
import type { LocalAgent } from "../../edge-agent/daemon/local-agent.ts";
import type { MqttInputFormat } from "../../edge-agent/daemon/input-config.ts";
import { runMqttInput } from "../../edge-agent/daemon/mqtt-input.ts";
import { mebibytes } from "../../proto/units.ts";
import { encodeNpy } from "../fixtures/encode-npy.ts";
import { patienceMs } from "../support/end-to-end-waiting.ts";
import { logLines } from "../support/log-lines.ts";
import { aManifest } from "../support/manifests.ts";
import { scriptedLocalAgent } from "../support/scripted-local-agent.ts";

const manifest = aManifest({ inputs: [{ name: "image", dataType: "float32", shape: ["batch", 1, 2] }] });
const mirror = scriptedLocalAgent(manifest, async (inputs) => inputs);

/** A broker beside an agent that takes its inputs from `door/+/image`, and a camera that waits for answers. */
async function beside(agent: LocalAgent, format: MqttInputFormat) {
  const broker = await Aedes.createBroker();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    broker.handle(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const stop = new AbortController();
  const subscriptions: string[] = [];
  broker.on("subscribe", (list) => subscriptions.push(...list.map(({ topic }) => topic)));
  /** The agent has subscribed so many times. */
  const untilTaken = async (times: number) => {
    const deadline = Date.now() + patienceMs;
    while (subscriptions.filter((topic) => topic === "door/+/image").length < times) {
      if (Date.now() > deadline) throw new Error(`no subscription in time: ${subscriptions.join(", ")}`);
      await delay(5);
    }
  };
  const topics = { topic: "door/+/image", answerTopic: "{topic}/answer" };
  const problems: string[] = [];
  const log = { ...logLines(), warn: (fields: object) => void problems.push((fields as { error: string }).error) };
  const running = runMqttInput(
    { kind: "mqtt", model: manifest.model, url, format, ...topics, agent, clock: systemClock, log },
    stop.signal,
  );
  await untilTaken(1);
  const ofAgent = [...sockets];
  const camera = await connectAsync(url);
  await camera.subscribeAsync("door/+/image/answer");
  return {
    async ask(payload: Uint8Array | string): Promise<unknown> {
      const answered = new Promise<readonly [string, Buffer]>((resolve) =>
        camera.once("message", (topic, answer) => resolve([topic, answer])),
      );
      await camera.publishAsync("door/1/image", Buffer.from(payload));
      const [topic, answer] = await answered;
      expect(topic).toBe("door/1/image/answer");
      return JSON.parse(answer.toString());
    },
    untilTaken,
    /** Why the agent has left the broker. */
    problems,
    /** Publishes what is not answered. */
    publish: (payload: Uint8Array) => camera.publishAsync("door/1/image", Buffer.from(payload)),
    /** Cuts every connection of the agent. */
    cut() {
      for (const socket of ofAgent) socket.destroy();
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
      await camera.endAsync(true);
      await new Promise<void>((resolve) => broker.close(resolve));
      server.close();
    },
  };
}

const floats = (...values: readonly number[]) => new Uint8Array(Float32Array.from(values).buffer);
const output = (dims: readonly number[], data: readonly number[]) => ({
  model_version: "2.0.0",
  outputs: [{ name: "image", datatype: "FP32", shape: dims, data }],
});

describe("inputs by MQTT", () => {
  it("are requests of the protocol, whose answers go to a topic", async () => {
    await using door = await beside(mirror, "json");
    const request = { id: "7", inputs: [{ name: "image", shape: [1, 1, 2], datatype: "FP32", data: [0.25, 1] }] };
    expect(await door.ask(JSON.stringify(request))).toMatchObject({ id: "7", ...output([1, 1, 2], [0.25, 1]) });
    expect(await door.ask("{")).toMatchObject({ error: expect.stringMatching(/^the body is not JSON/) });
  });

  it("are arrays of NumPy, as a camera makes them", async () => {
    await using door = await beside(mirror, "npy");
    expect(await door.ask(encodeNpy([2], Uint8Array.of(51, 255)))).toMatchObject(
      output([1, 1, 2], [Math.fround(0.2), 1]),
    );
    expect(await door.ask("garbage")).toEqual({ error: "not a .npy file: write one with numpy.save" });
  });

  it("are the bytes of the model's input, one or several", async () => {
    await using door = await beside(mirror, "raw");
    expect(await door.ask(floats(0.5, 1))).toMatchObject(output([1, 1, 2], [0.5, 1]));
    expect(await door.ask(floats(1, 2, 3, 4))).toMatchObject(output([2, 1, 2], [1, 2, 3, 4]));
    expect(await door.ask(floats(1, 2, 3))).toEqual({ error: "12 bytes do not make a float32[batch, 1, 2]" });
    expect(await door.ask("")).toEqual({ error: "0 bytes do not make a float32[batch, 1, 2]" });
  });

  it("are answered with the reason where the model cannot, also when it is not there", async () => {
    const failing = scriptedLocalAgent(manifest, () => Promise.reject(new InferenceError("runtime", "too dark")));
    await using door = await beside(failing, "raw");
    expect(await door.ask(floats(0.5, 1))).toEqual({ error: "too dark" });
    await using absent = await beside(
      scriptedLocalAgent(manifest, async () => [], false),
      "raw",
    );
    expect(await absent.ask(floats(0.5, 1))).toEqual({ error: 'the model "digits" cannot answer now' });
  });

  it("are one sequence for each topic, where the model keeps state and they do not say otherwise", async () => {
    const recurrent = aManifest({ ...manifest, state: [{ input: "h", output: "hN" }] });
    await using door = await beside(
      scriptedLocalAgent(recurrent, async (inputs) => inputs),
      "json",
    );
    const request = { inputs: [{ name: "image", shape: [1, 1, 2], datatype: "FP32", data: [0.25, 1] }] };
    expect(await door.ask(JSON.stringify(request))).toMatchObject({
      parameters: { sequence_id: "mqtt door/1/image", sequence_start: false, sequence_end: false },
    });
    const parameters = { sequence_id: 4, sequence_end: true };
    expect(await door.ask(JSON.stringify({ ...request, parameters }))).toMatchObject({
      parameters: { ...parameters, sequence_start: false },
    });
  });

  it("may not be larger than the daemon has room for: the connection is given up, and taken up again", async () => {
    await using door = await beside(mirror, "raw");
    await door.publish(new Uint8Array(mebibytes(17)));
    await door.untilTaken(2);
    expect(door.problems).toEqual(["Error: the broker sends a message of more than 16777216 bytes"]);
    expect(await door.ask(new Uint8Array(Float32Array.of(1, 2).buffer))).toMatchObject({ outputs: [{ data: [1, 2] }] });
  });

  it("come again after the broker has lost the connection", async () => {
    await using door = await beside(mirror, "raw");
    door.cut();
    await door.untilTaken(2);
    expect(await door.ask(floats(0.5, 1))).toMatchObject(output([1, 1, 2], [0.5, 1]));
  });
});
