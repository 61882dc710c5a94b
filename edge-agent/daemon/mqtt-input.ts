import type { MqttClient } from "mqtt";
import { connectAsync } from "mqtt";
import type { ModelName } from "../../proto/ids.ts";
import type { TensorSpec } from "../../proto/manifest.ts";
import type { Tensor } from "../../proto/tensors.ts";
import { decodeNpy, NpyFormatError } from "../../proto/npy.ts";
import { kibibytes, mebibytes, seconds } from "../../proto/units.ts";
import { IncomingPackets } from "../adapters/portable/incoming-packets.ts";
import { ModelUnavailableError } from "../core/inference-call.ts";
import type { Clock, Logger } from "../core/ports.ts";
import type { MqttInputConfig } from "./input-config.ts";
import { ByteBudget } from "./inference-protocol/byte-budget.ts";
import { bytesPerElementOf } from "./inference-protocol/datatypes.ts";
import { failureOf } from "./inference-protocol/failure-of.ts";
import type { InferRequest } from "./inference-protocol/read-infer-request.ts";
import { readInferRequest } from "./inference-protocol/read-infer-request.ts";
import { comeAgain, RequestError } from "./inference-protocol/request-error.ts";
import { writeInferResponse } from "./inference-protocol/write-infer-response.ts";
import type { LocalAgent } from "./local-agent.ts";
import { answerTopicFor } from "./mqtt-topic.ts";
import { ownSequenceOf } from "./own-sequence.ts";
import { tensorFromArray } from "./tensor-from-array.ts";

export interface MqttInputOptions extends MqttInputConfig {
  readonly agent: LocalAgent;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The broker is on the device or next to it, with nobody to spare by waiting longer. */
const reconnectMs = seconds(2);
const maxPayloadBytes = mebibytes(16);

/**
 * Takes inputs from a topic of a local broker and publishes the answers, for devices without an application of their own: the JSON
 * of the protocol's inference response, or `{"error": …}`. Until the signal ends it; a broker that is away is tried again.
 */
export async function runMqttInput(options: MqttInputOptions, signal: AbortSignal): Promise<void> {
  const { url, topic, clock, log } = options;
  const payloads = new ByteBudget(4 * maxPayloadBytes);
  let wasFailing = false;
  while (!signal.aborted) {
    try {
      await serve(options, payloads, signal, () => {
        wasFailing = false;
        log.info({ url, topic }, "inputs are taken from a topic");
      });
    } catch (error) {
      if (signal.aborted) return;
      // One line says that it began.
      if (!wasFailing) log.warn({ url, topic, error: String(error) }, "no inputs come from the broker; trying again");
      wasFailing = true;
    }
    await clock.sleep(reconnectMs, signal).catch(() => undefined);
  }
}

/** One connection: resolves or rejects when it is lost or the signal ends it. */
async function serve(
  options: MqttInputOptions,
  payloads: ByteBudget,
  signal: AbortSignal,
  onReady: () => void,
): Promise<void> {
  const { url, topic } = options;
  // A new client for each connection: its own reconnecting would send again what nobody waits for any more.
  const client = await connectAsync(
    url,
    {
      protocolVersion: 4,
      clean: true,
      reconnectPeriod: 0,
      connectTimeout: seconds(10),
      queueQoSZero: false,
      resubscribe: false,
    },
    false,
  );
  const end = () => void client.end(true);
  try {
    signal.addEventListener("abort", end, { once: true });
    signal.throwIfAborted();
    const closed = new Promise<void>((resolve) => client.once("close", () => resolve()));
    const packets = new IncomingPackets(maxPayloadBytes + kibibytes(128));
    let refusal: Error | undefined;
    client.stream.on("data", (chunk: Uint8Array) => {
      if (packets.fit(chunk)) return;
      refusal ??= new Error(`the broker sends a message of more than ${maxPayloadBytes} bytes`);
      client.end(true);
    });
    client.on("message", (from, payload) => void answer(options, payloads, client, from, payload, signal));
    const granted = await client.subscribeAsync(topic, { qos: 1 });
    // 128 is a refusal. [MQTT-3.9.3-2]
    if (granted.some(({ qos }) => (qos as number) === 128)) throw new Error(`the broker refused ${topic}`);
    onReady();
    await closed;
    signal.throwIfAborted();
    throw refusal ?? new Error("the connection to the broker was lost");
  } finally {
    signal.removeEventListener("abort", end);
    client.end(true);
  }
}

async function answer(
  options: MqttInputOptions,
  payloads: ByteBudget,
  client: MqttClient,
  from: string,
  payload: Buffer,
  signal: AbortSignal,
): Promise<void> {
  const { agent, model, answerTopic, log } = options;
  let text: string;
  using share = payloads.share();
  try {
    if (!share.take(payload.length)) throw comeAgain("overloaded", "too many bytes are waiting already", 100);
    const { id, inputs, sequence: asked } = readInput(options, payload);
    // What comes from one topic is one sequence, where it does not say otherwise.
    const step = asked ?? ownSequenceOf(agent, model, `mqtt ${from}`);
    const call = { ...(id !== undefined && { id }), ...(step !== undefined && { sequence: step }) };
    const { outputs, version, sequence } = await agent.infer(model, inputs, signal, call);
    const all = { outputs: undefined, binaryOutputs: false };
    text = writeInferResponse({ model, version, id, outputs, sequence }, all).json;
  } catch (error) {
    if (signal.aborted) return;
    const sentence =
      error instanceof ModelUnavailableError ? `the model "${model}" cannot answer now` : failureOf(error).message;
    text = JSON.stringify({ error: sentence });
  }
  // A connection that was lost in between has nobody to tell.
  if (!client.connected) return;
  await client.publishAsync(answerTopicFor(answerTopic, from), text, { qos: 1 }).catch((error: unknown) => {
    log.warn({ topic: from, error: String(error) }, "an answer could not be published");
  });
}

type Input = Pick<InferRequest, "id" | "inputs" | "sequence">;

function readInput({ agent, model, format }: MqttInputOptions, payload: Buffer): Input {
  if (payload.length > maxPayloadBytes) throw mistake(`${payload.length} bytes are more than ${maxPayloadBytes}`);
  if (format === "json") {
    const read = readInferRequest(payload, undefined);
    if (!read.ok) throw mistake(read.problems.join("; "));
    return read.value;
  }
  const spec = onlyInput(agent, model);
  if (format === "raw") return alone(tensorFromBytes(spec, payload));
  try {
    return alone(tensorFromArray(spec, decodeNpy(payload)));
  } catch (error) {
    throw error instanceof NpyFormatError ? mistake(error.message) : error;
  }
}

function alone(input: Tensor): Input {
  return { id: undefined, inputs: [input], sequence: undefined };
}

function onlyInput(agent: LocalAgent, model: ModelName): TensorSpec {
  const served = agent.describe(model);
  if (served === undefined) throw new ModelUnavailableError(`${model} is not served at the moment`);
  const [spec, ...others] = served.inputs;
  if (spec === undefined || others.length > 0)
    throw mistake(`the model takes ${served.inputs.length} inputs: send a request in JSON`);
  return spec;
}

/**
 * The tensor that bytes in the model's own element type make; how many there are says how large the one free dimension is.
 *
 * Example: 8 bytes for float32["batch", 1, 2] are [1, 1, 2].
 */
export function tensorFromBytes({ name, dataType, shape }: TensorSpec, bytes: Uint8Array): Tensor {
  const fixed = shape.filter((dimension) => typeof dimension === "number");
  const row = fixed.reduce((product, dimension) => product * dimension, bytesPerElementOf(dataType));
  const free = shape.length - fixed.length;
  const size = bytes.length / row;
  if (free > 1 || !Number.isSafeInteger(size) || size < 1 || (free === 0 && size !== 1))
    throw mistake(`${bytes.length} bytes do not make a ${dataType}[${shape.join(", ")}]`);
  return { name, dataType, dims: shape.map((one) => (typeof one === "number" ? one : size)), rawData: bytes };
}

function mistake(sentence: string): RequestError {
  return new RequestError(400, "invalid-input", sentence);
}
