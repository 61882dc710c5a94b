import type { Socket } from "node:net";
import { connect } from "node:net";
import { once } from "node:events";
import { request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { deflateSync, gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { node, tensorValue } from "../../control-plane/packaging/onnx/build.ts";
import { systemClock } from "../../edge-agent/adapters/node/system-clock.ts";
import { elementsOf } from "../../edge-agent/adapters/portable/tensor-elements.ts";
import { datatypeOf } from "../../edge-agent/daemon/inference-protocol/datatypes.ts";
import type { LocalHttp, LocalHttpLimits } from "../../edge-agent/daemon/local-http.ts";
import { startLocalHttp } from "../../edge-agent/daemon/local-http.ts";
import type { TensorType } from "../../proto/tensors.ts";
import { tensorTypes } from "../../proto/tensors.ts";
import { until } from "../support/end-to-end-waiting.ts";
import { logLines } from "../support/log-lines.ts";
import type { ServedModelAgent } from "../support/served-model.ts";
import { servedModel } from "../support/served-model.ts";
import { doubling, endless } from "../support/tiny-models.ts";

const types = Object.keys(tensorTypes) as readonly TensorType[];

/** Gives every input back: one of each element type, of any length. */
const mirror = {
  graph: {
    node: types.map((type) => node("Identity", [`${type}.in`], [type])),
    input: types.map((type) => tensorValue(`${type}.in`, type, ["n"])),
    output: types.map((type) => tensorValue(type, type, ["n"])),
  },
  manifest: {
    inputs: types.map((dataType) => ({ name: `${dataType}.in`, dataType, shape: ["n"] })),
    outputs: types.map((dataType) => ({ name: dataType, dataType, shape: ["n"] })),
    interpretation: { kind: "regression", output: "float32" },
  },
} as const;

async function serve(
  { agent }: ServedModelAgent,
  limits: Partial<LocalHttpLimits> = {},
): Promise<LocalHttp & { readonly port: number }> {
  const endpoints = [{ host: "127.0.0.1", port: 0 }];
  const server = await startLocalHttp({
    endpoints,
    agent,
    agentVersion: "0.1.0",
    clock: systemClock,
    log: logLines(),
    limits,
  });
  const [endpoint] = server.endpoints;
  if (endpoint === undefined || "socket" in endpoint) throw new Error("a port was asked for");
  return { ...server, port: endpoint.port };
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  /** The JSON at its head. */
  readonly json: { readonly error: string; readonly outputs: readonly Output[] };
}

interface Output {
  readonly name: string;
  readonly data: readonly unknown[];
  readonly parameters?: { readonly binary_data_size: number };
}

function post(
  port: number,
  path: string,
  body: Uint8Array | string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, path, method: "POST", headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.once("error", reject);
      response.once("end", () => {
        const encoded = Buffer.concat(chunks);
        const whole = response.headers["content-encoding"] === "gzip" ? gunzipSync(encoded) : encoded;
        const jsonLength = Number(response.headers["inference-header-content-length"] ?? whole.length);
        const json = JSON.parse(whole.subarray(0, jsonLength).toString()) as Answer["json"];
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: whole, json });
      });
    });
    asked.once("error", reject);
    asked.end(body);
  });
}

const infer = "/v2/models/digits/infer";
const json = { "content-type": "application/json" };
const one = (parameters: object = {}) =>
  JSON.stringify({ parameters, inputs: [{ name: "x", shape: [1], datatype: "FP32", data: [21] }] });

/** A request whose tensors all stand behind the JSON. */
function binaryRequest(
  inputs: readonly {
    readonly name: string;
    readonly datatype: string;
    readonly bytes: Uint8Array;
    readonly shape: readonly number[];
  }[],
) {
  const text = JSON.stringify({
    parameters: { binary_data_output: true },
    inputs: inputs.map(({ name, datatype, shape, bytes }) => ({
      name,
      datatype,
      shape,
      parameters: { binary_data_size: bytes.length },
    })),
  });
  const headers = { "inference-header-content-length": String(text.length) };
  return { headers, body: Buffer.concat([Buffer.from(text), ...inputs.map(({ bytes }) => bytes)]) };
}

describe("a real model behind the protocol", () => {
  it("takes and gives every element type as binary data, bit for bit", async () => {
    await using served = await servedModel(mirror);
    await using server = await serve(served);
    const inputs = types.map((type, i) => ({
      name: `${type}.in`,
      datatype: datatypeOf[type],
      shape: [3],
      bytes: Uint8Array.from({ length: 3 * elementsOf[type].BYTES_PER_ELEMENT }, (_, k) =>
        type === "bool" ? k % 2 : (i + 7 * k) % 60,
      ),
    }));
    const { body, headers } = binaryRequest(inputs);
    const answer = await post(server.port, infer, body, headers);
    expect(answer).toMatchObject({ status: 200, headers: { "content-type": "application/octet-stream" } });
    let at = Number(answer.headers["inference-header-content-length"]);
    const given = answer.json.outputs.map(({ name, parameters }) => {
      const bytes = answer.body.subarray(at, (at += parameters?.binary_data_size ?? 0));
      return [name, [...bytes]];
    });
    expect(at).toBe(answer.body.length);
    expect(given).toEqual(inputs.map(({ bytes }, i) => [types[i], [...bytes]]));
  });

  it("gives the outputs that are asked for, each in its form and in that order", async () => {
    await using served = await servedModel(mirror);
    await using server = await serve(served);
    const bytes = new Uint8Array(8);
    const all = types.map((type) => ({
      name: `${type}.in`,
      datatype: datatypeOf[type],
      shape: [1],
      parameters: { binary_data_size: elementsOf[type].BYTES_PER_ELEMENT },
    }));
    const outputs = [{ name: "int64" }, { name: "uint8", parameters: { binary_data: true } }];
    const text = JSON.stringify({ id: "7", inputs: all, outputs });
    const binary = types.map((type) => bytes.subarray(0, elementsOf[type].BYTES_PER_ELEMENT));
    const headers = { "inference-header-content-length": String(text.length) };
    const ask = (head: string) =>
      post(server.port, infer, Buffer.concat([Buffer.from(head), ...binary]), {
        "inference-header-content-length": String(head.length),
      });
    const answer = await post(server.port, infer, Buffer.concat([Buffer.from(text), ...binary]), headers);
    expect(answer.json).toEqual({
      model_name: "digits",
      model_version: "2.0.0",
      id: "7",
      outputs: [
        { name: "int64", shape: [1], datatype: "INT64", data: [0] },
        { name: "uint8", shape: [1], datatype: "UINT8", parameters: { binary_data_size: 1 } },
      ],
    });
    expect((await ask(JSON.stringify({ inputs: all, outputs: [{ name: "z" }] }))).json.error).toMatch(
      /^the model has no output "z"; it has float32, /,
    );
    expect((await ask(JSON.stringify({ inputs: all }))).json.error).toBe(
      'output "float16" is FP16, which has no JSON form: ask for it with the parameter binary_data',
    );
    expect(served.windows().reduce((sum, { inferences }) => sum + inferences, 0)).toBe(1);
  });

  it("is reached by its version, as long as that version serves", async () => {
    await using served = await servedModel({ graph: doubling });
    await using server = await serve(served);
    const at = (version: string) => post(server.port, `/v2/models/digits/versions/${version}/infer`, one(), json);
    expect((await at("2.0.0")).json.outputs[0]?.data).toEqual([42]);
    expect(await at("1.0.0")).toMatchObject({
      status: 404,
      json: { error: 'this device does not serve version 1.0.0 of "digits" now; it serves 2.0.0' },
    });
  });

  it("reads compressed requests, and compresses for who asks for one encoding", async () => {
    await using served = await servedModel(mirror);
    await using server = await serve(served, { bodyBytes: 200_000 });
    const inputs = types.map((type) => ({
      name: `${type}.in`,
      datatype: datatypeOf[type],
      shape: [1_000],
      bytes: new Uint8Array(1_000 * elementsOf[type].BYTES_PER_ELEMENT),
    }));
    const { body, headers } = binaryRequest(inputs);
    const plain = await post(server.port, infer, body, headers);
    for (const [encoding, encode] of [
      ["gzip", gzipSync],
      ["deflate", deflateSync],
    ] as const) {
      const answer = await post(server.port, infer, encode(body), { ...headers, "content-encoding": encoding });
      expect(answer.body.equals(plain.body)).toBe(true);
    }
    const gzip = await post(server.port, infer, body, { ...headers, "accept-encoding": "gzip" });
    expect(gzip.headers["content-encoding"]).toBe("gzip");
    expect(gzip.body.equals(plain.body)).toBe(true);
    const any = await post(server.port, infer, body, { ...headers, "accept-encoding": "gzip, deflate, br" });
    expect(any.headers["content-encoding"]).toBeUndefined();
    const bomb = gzipSync(new Uint8Array(10_000_000));
    expect(await post(server.port, infer, bomb, { ...json, "content-encoding": "gzip" })).toMatchObject({
      status: 413,
    });
    expect(await post(server.port, infer, body, { ...headers, "content-encoding": "gzip" })).toMatchObject({
      status: 400,
    });
    expect(await post(server.port, infer, body, { ...headers, "content-encoding": "br" })).toMatchObject({
      status: 415,
    });
  });

  it("refuses what the model does not take, before the model sees it", async () => {
    await using served = await servedModel({ graph: doubling });
    await using server = await serve(served);
    const asked = (input: object) => post(server.port, infer, JSON.stringify({ inputs: [input] }), json);
    const x = { name: "x", shape: [1], datatype: "FP32", data: [1] };
    for (const [input, mistake] of [
      [{ ...x, datatype: "INT32" }, 'input "x" must be float32, not int32'],
      [{ ...x, shape: [1, 1] }, 'input "x" has the shape [1, 1] where the model takes [1]'],
      [{ ...x, name: "z" }, 'input "x" is missing'],
    ] as const)
      expect(await asked(input)).toMatchObject({
        status: 400,
        json: { error: mistake },
        headers: { "sedge-error": "invalid-input" },
      });
    // Python's json.dumps writes this.
    expect(await post(server.port, infer, '{"inputs":[{"name":"x","data":[NaN]}]}', json)).toMatchObject({
      status: 400,
    });
  });

  it("learns the truth about an answer by its id, in the window in which it is told", async () => {
    await using served = await servedModel({ graph: doubling });
    await using server = await serve(served);
    const tell = (body: object) => post(server.port, "/v2/models/digits/feedback", JSON.stringify(body), json);
    await post(server.port, infer, JSON.stringify({ ...(JSON.parse(one()) as object), id: "photo-7" }), json);
    expect(await tell({ id: "photo-7", label: "seven" })).toMatchObject({ status: 400 });
    expect(await tell({ id: "photo-7" })).toMatchObject({ status: 400 });
    expect(await tell({ id: "photo-8", value: 1 })).toMatchObject({ status: 404 });
    served.windows();
    expect(await tell({ id: "photo-7", value: 40 })).toMatchObject({
      status: 200,
      json: { values: 1, absolute_error: 2 },
    });
    expect(await tell({ id: "photo-7", value: 40 })).toMatchObject({ status: 404 });
    expect(served.windows().map(({ inferences, feedback }) => [inferences, feedback])).toEqual([
      [1, undefined],
      [0, { right: 0, wrong: 0, values: 1, absoluteError: 2 }],
    ]);
  });
});

describe("more than a model can answer", () => {
  it("is turned away at once, with when to come again", async () => {
    await using served = await servedModel({ graph: endless, queueCapacity: 2 });
    await using server = await serve(served);
    const waiting = [1, 2, 3].map(() => post(server.port, infer, one(), json).catch(() => undefined));
    await served.untilAsked(waiting.length);
    const full = await post(server.port, infer, one(), json);
    expect(full).toMatchObject({
      status: 503,
      headers: { "sedge-error": "overloaded", "retry-after": "1" },
      json: { error: "2 requests wait for this model already" },
    });
    expect(Number(full.headers["retry-after-ms"])).toBeGreaterThan(0);
    await served[Symbol.asyncDispose]();
    await Promise.all(waiting);
  });

  it("waits until its deadline, and no longer", async () => {
    await using served = await servedModel({ graph: endless });
    await using server = await serve(served);
    const stuck = post(server.port, infer, one(), json).catch(() => undefined);
    await served.untilAsked(1);
    const late = [1, 2].map(() => post(server.port, infer, one({ timeout: 100_000 }), json));
    for (const answer of await Promise.all(late))
      expect(answer).toMatchObject({
        status: 504,
        headers: { "sedge-error": "deadline-exceeded" },
        json: { error: "the deadline of the request has passed" },
      });
    await served[Symbol.asyncDispose]();
    await stuck;
  });

  it("holds no more of a small body that becomes a large one", async () => {
    await using served = await servedModel({ graph: doubling });
    await using server = await serve(served, { bodyBytes: 1_000_000, allBodiesBytes: 20_000 });
    const compressed = (bytes: number) =>
      post(server.port, infer, gzipSync(one().padEnd(bytes)), { ...json, "content-encoding": "gzip" });
    expect((await compressed(10_000)).status).toBe(200);
    expect(await compressed(900_000)).toMatchObject({
      status: 503,
      json: { error: "too many bytes are waiting already" },
    });
    expect((await compressed(1_100_000)).status).toBe(503);
    expect((await compressed(10_000)).status).toBe(200);
  });

  it("does not hold more bytes than may be held by all together", async () => {
    await using served = await servedModel({ graph: doubling });
    await using server = await serve(served, { bodyBytes: 600, allBodiesBytes: 1_000 });
    const slow = await rawConnection(server.port);
    slow.write(
      `POST ${infer} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 600\r\n\r\n`,
    );
    slow.write(" ".repeat(599));
    let answer: Answer | undefined;
    while (answer?.status !== 503) answer = await post(server.port, infer, one().padEnd(590), json);
    expect(answer.headers["sedge-error"]).toBe("overloaded");
    slow.destroy();
    while (answer?.status !== 200) answer = await post(server.port, infer, one().padEnd(590), json);
    expect(answer.json.outputs[0]?.data).toEqual([42]);
  });
});

describe("clients that take their time", () => {
  it("are cut off in the middle of a request that does not end", async () => {
    await using served = await servedModel({ graph: doubling });
    await using server = await serve(served, { requestMs: 100 });
    const inHeaders = await rawConnection(server.port);
    inHeaders.write(`POST ${infer} HTTP/1.1\r\nhost: localhost\r\nx-slow: `);
    const inBody = await rawConnection(server.port);
    inBody.write(
      `POST ${infer} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{`,
    );
    for (const socket of [inHeaders, inBody]) expect(await everything(socket)).toMatch(/^HTTP\/1\.1 408 /);
    // Where the machine stands still for a tenth of a second a whole request is late too.
    const others = async () => (await post(server.port, infer, one(), json)).status === 200;
    await until("others are answered", others);
  });

  it("cannot keep others out by holding connections open", async () => {
    await using served = await servedModel({ graph: doubling });
    await using server = await serve(served, { connections: 4 });
    const idle = await Promise.all(Array.from({ length: 8 }, () => rawConnection(server.port)));
    for (const socket of idle) socket.write("GET /v2/health/live HTTP/1.1\r\nhost: localhost\r\n\r\n");
    const ended = idle.map((socket) => everything(socket));
    let answer: Answer | undefined;
    for (let tries = 0; answer === undefined && tries < 100; tries++) {
      answer = await post(server.port, infer, one(), json).catch(() => undefined);
      if (answer === undefined) await delay(10);
    }
    expect(answer).toMatchObject({ status: 200 });
    for (const socket of idle) socket.destroy();
    await Promise.all(ended);
  });

  it("learn of a length that lies when the connection ends", async () => {
    await using served = await servedModel({ graph: doubling });
    await using server = await serve(served);
    const socket = await rawConnection(server.port);
    socket.end(
      `POST ${infer} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 9000\r\n\r\n{}`,
    );
    await everything(socket);
    const two = await rawConnection(server.port);
    two.end(
      `POST ${infer} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}`,
    );
    expect(await everything(two)).toMatch(/^HTTP\/1\.1 400 /);
    expect(await post(server.port, infer, one(), json)).toMatchObject({ status: 200 });
  });
});

async function rawConnection(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  // Being cut off is what the tests are about.
  socket.on("error", () => undefined);
  return socket;
}

async function everything(socket: Socket): Promise<string> {
  let text = "";
  socket.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
  if (!socket.closed) await new Promise((resolve) => socket.once("close", resolve));
  return text;
}
