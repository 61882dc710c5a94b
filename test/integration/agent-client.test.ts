import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { node, tensorValue } from "../../control-plane/packaging/onnx/build.ts";
import { systemClock } from "../../edge-agent/adapters/node/system-clock.ts";
import type { AgentClient } from "../../edge-agent/client/agent-client.ts";
import {
  AgentError,
  AgentUnreachableError,
  connect,
  DeadlineExceededError,
  InvalidInputError,
  ModelNotReadyError,
  NotFoundError,
  OverloadedError,
} from "../../edge-agent/client/agent-client.ts";
import { InferenceError } from "../../edge-agent/core/ports.ts";
import type { LocalHttpAgent } from "../../edge-agent/daemon/local-agent.ts";
import { startLocalHttp } from "../../edge-agent/daemon/local-http.ts";
import { logLines } from "../support/log-lines.ts";
import { aManifest } from "../support/manifests.ts";
import { scriptedLocalAgent } from "../support/scripted-local-agent.ts";
import type { ServedModelOptions } from "../support/served-model.ts";
import { servedModel } from "../support/served-model.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { doubling, endless } from "../support/tiny-models.ts";

const x = { x: { data: Float32Array.of(21), dims: [1] } };

/** The library over a socket file, and over a port, both to the same agent. */
async function connected(agent: LocalHttpAgent) {
  const directory = await temporaryDirectory();
  const endpoints = [{ socket: join(directory.path, "agent.sock") }, { host: "127.0.0.1", port: 0 }] as const;
  const server = await startLocalHttp({ endpoints, agent, agentVersion: "0.1.0", clock: systemClock, log: logLines() });
  const port = server.endpoints.map((one) => ("port" in one ? one.port : 0))[1] ?? 0;
  const client = connect(endpoints[0]);
  return {
    client,
    digits: client.model("digits"),
    overPort: connect({ url: `http://localhost:${port}` }),
    async [Symbol.asyncDispose]() {
      client[Symbol.dispose]();
      await server[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

async function connectedToModel(options: ServedModelOptions) {
  const served = await servedModel(options);
  const connection = await connected(served.agent);
  return {
    ...connection,
    windows: served.windows,
    untilAsked: served.untilAsked,
    async [Symbol.asyncDispose]() {
      await served[Symbol.asyncDispose]();
      await connection[Symbol.asyncDispose]();
    },
  };
}

describe("the library for applications", () => {
  it("asks a real model, over a socket file and over a port", async () => {
    await using agent = await connectedToModel({ graph: doubling });
    const answer = { model: "digits", version: "2.0.0", id: undefined };
    for (const client of [agent.client, agent.overPort]) {
      const { outputs, ...rest } = await client.model("digits").infer(x);
      expect(rest).toEqual(answer);
      expect(outputs).toEqual({ y: { datatype: "FP32", dims: [1], data: Float32Array.of(42) } });
    }
    expect(await agent.digits.infer(x, { id: "7", version: "2.0.0", outputs: ["y"] })).toMatchObject({ id: "7" });
    agent.overPort[Symbol.dispose]();
  });

  it("carries typed arrays of every kind, and empty ones", async () => {
    const types = ["bool", "float16", "int64", "uint64", "int8"] as const;
    await using agent = await connectedToModel({
      graph: {
        node: types.map((type) => node("Identity", [type], [`${type}.out`])),
        input: types.map((type) => tensorValue(type, type, ["n"])),
        output: types.map((type) => tensorValue(`${type}.out`, type, ["n"])),
      },
      manifest: {
        inputs: types.map((dataType) => ({ name: dataType, dataType, shape: ["n"] })),
        outputs: types.map((dataType) => ({ name: `${dataType}.out`, dataType, shape: ["n"] })),
        interpretation: { kind: "regression", output: "int8.out" },
      },
    });
    const inputs = {
      bool: { data: Uint8Array.of(0, 1), dims: [2], datatype: "BOOL" },
      float16: { data: Uint16Array.of(0x3c00, 0x7bff), dims: [2], datatype: "FP16" },
      int64: { data: BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n), dims: [2] },
      uint64: { data: BigUint64Array.of(0n, 2n ** 64n - 1n), dims: [2] },
      int8: { data: Int8Array.of(-128, 127), dims: [2] },
    } as const;
    const { outputs } = await agent.digits.infer(inputs);
    for (const type of types) expect(outputs[`${type}.out`]?.data).toEqual(inputs[type].data);
  });

  it("tells what is there, and whether it can answer", async () => {
    await using agent = await connectedToModel({ graph: doubling });
    expect(await agent.client.ready()).toBe(true);
    expect(await agent.digits.ready()).toBe(true);
    expect(await agent.digits.metadata()).toEqual({
      name: "digits",
      versions: ["2.0.0"],
      platform: "onnxruntime_onnx",
      inputs: [{ name: "x", datatype: "FP32", shape: [1] }],
      outputs: [{ name: "y", datatype: "FP32", shape: [1] }],
    });
    await using starting = await connected(scriptedLocalAgent(aManifest(), async () => [], false));
    expect(await starting.client.ready()).toBe(false);
    expect(await starting.digits.ready()).toBe(false);
    await expect(starting.digits.metadata()).rejects.toThrow(ModelNotReadyError);
    await expect(starting.client.model("faces").ready()).rejects.toThrow(NotFoundError);
  });

  it("tells the agent what turned out to be true", async () => {
    await using agent = await connectedToModel({ graph: doubling });
    await agent.digits.infer(x, { id: "a" });
    await agent.digits.infer(x, { id: "b" });
    await agent.digits.feedback("a", { value: 44.5 });
    await agent.digits.feedback("b", { correct: true });
    await expect(agent.digits.feedback("b", { correct: true })).rejects.toThrow(NotFoundError);
    expect(agent.windows()).toMatchObject([
      { inferences: 2, feedback: { right: 1, wrong: 0, values: 1, absoluteError: 2.5 } },
    ]);
  });
});

describe("what goes wrong", () => {
  it("is said before anything is sent, where the request is wrong in itself", async () => {
    using client = connect({ socket: "/nobody/listens/here" });
    const model = client.model("digits");
    const data = new Float32Array(4);
    for (const [input, sentence] of [
      [{ data, dims: [3] }, "4 elements do not make the shape [3]"],
      [{ data, dims: [-4] }, "4 elements do not make the shape [-4]"],
      [{ data, dims: [2 ** 53, 2 ** 53] }, "4 elements do not make"],
      [{ data, dims: [4], datatype: "INT32" }, "INT32 is not what a Float32Array holds"],
      [{ data, dims: [4], datatype: "BYTES" as "FP32" }, "BYTES is not what a Float32Array holds"],
      [{ data: [1] as unknown as Float32Array, dims: [1] }, "Array is no array of a tensor type"],
    ] as const) {
      const asked = model.infer({ x: input });
      await expect(asked).rejects.toThrow(InvalidInputError);
      await expect(asked).rejects.toThrow(sentence);
    }
  });

  it("has a class of its own that a program can tell apart", async () => {
    const failing = async (error: Error, expected: abstract new (...args: never) => Error) => {
      await using agent = await connected(scriptedLocalAgent(aManifest(), () => Promise.reject(error)));
      await expect(agent.digits.infer(x)).rejects.toBeInstanceOf(expected);
      await expect(agent.digits.infer(x)).rejects.toThrow("this is why");
    };
    await failing(new InferenceError("input", "this is why"), InvalidInputError);
    await failing(new InferenceError("runtime", "this is why"), AgentError);
    await failing(new InferenceError("timeout", "this is why"), DeadlineExceededError);
    await failing(new InferenceError("worker-lost", "this is why"), ModelNotReadyError);
    using nobody = connect({ socket: "/nobody/listens/here" });
    await expect(nobody.model("digits").infer(x)).rejects.toThrow(AgentUnreachableError);
    await using agent = await connectedToModel({ graph: doubling });
    await expect(agent.digits.infer(x, { version: "1.0.0" })).rejects.toThrow(/it serves 2\.0\.0/);
    await expect(agent.digits.infer({})).rejects.toThrow('input "x" is missing');
  });

  it("is too late, too much at once, or no longer wanted", async () => {
    await using agent = await connectedToModel({ graph: endless, queueCapacity: 1 });
    const leaving = new AbortController();
    const stuck = agent.digits.infer(x, { signal: leaving.signal }).catch((error: unknown) => error);
    await agent.untilAsked(1);
    await expect(agent.digits.infer(x, { timeoutMs: 50 })).rejects.toThrow(DeadlineExceededError);
    const waiting = agent.digits.infer(x, { signal: leaving.signal }).catch((error: unknown) => error);
    await agent.untilAsked(3);
    const full: unknown = await agent.digits.infer(x).catch((error: unknown) => error);
    expect(full).toBeInstanceOf(OverloadedError);
    expect((full as OverloadedError).retryAfterMs).toBeGreaterThan(0);
    leaving.abort(new Error("gone home"));
    for (const end of [stuck, waiting]) expect(await end).toMatchObject({ message: "gone home" });
    await expect(agent.digits.infer(x, { signal: leaving.signal })).rejects.toThrow("gone home");
  });

  it("is tried again once, where the agent closed the connection in the moment of its use", async () => {
    let requests = 0;
    const server = createServer((request, response) => {
      requests++;
      // The second request of the first connection finds it closed without a word.
      if (requests === 2) request.socket.resetAndDestroy();
      else response.end("{}");
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    using client: AgentClient = connect({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
    expect(await client.ready()).toBe(true);
    expect(await client.ready()).toBe(true);
    expect(requests).toBe(3);
    server.close();
    server.closeAllConnections();
  });

  it("is an answer that is none of the protocol", async () => {
    const answers = [
      "no JSON",
      "[]",
      '{"model_name":"m","model_version":"1","outputs":[{"name":"y","datatype":"FP32","shape":[4],"parameters":{"binary_data_size":16}}]}',
    ];
    const server = createServer((_request, response) => response.end(answers.shift()));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    using client = connect({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
    for (const sentence of ["the answer is not JSON", "must be an object", "has 0 bytes; the shape [4] makes 16"])
      await expect(client.model("m").infer(x)).rejects.toThrow(sentence);
    server.close();
    server.closeAllConnections();
  });
});
