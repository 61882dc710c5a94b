import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../edge-agent/adapters/node/system-clock.ts";
import { InferenceError } from "../../edge-agent/core/ports.ts";
import type { LocalHttpAgent } from "../../edge-agent/daemon/local-agent.ts";
import type { LocalEndpoint, LocalHttp } from "../../edge-agent/daemon/local-http.ts";
import { startLocalHttp } from "../../edge-agent/daemon/local-http.ts";
import { mebibytes } from "../../proto/units.ts";
import { patienceMs } from "../support/end-to-end-waiting.ts";
import { logLines } from "../support/log-lines.ts";
import { aManifest } from "../support/manifests.ts";
import { readMetrics, valueIn } from "../support/read-metrics.ts";
import { scriptedLocalAgent } from "../support/scripted-local-agent.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const manifest = aManifest({ outputs: [{ name: "x", dataType: "float32", shape: [2] }] });
const body = { inputs: [{ name: "x", shape: [2], datatype: "FP32", data: [0.5, 0.25] }] };
const echo = scriptedLocalAgent(manifest, async (inputs) => inputs);

async function serve(
  agent: LocalHttpAgent = echo,
  endpoint: LocalEndpoint = { host: "127.0.0.1", port: 0 },
  bodyBytes = 1_000,
): Promise<LocalHttp> {
  return await startLocalHttp({
    endpoints: [endpoint],
    agent,
    agentVersion: "0.1.0",
    clock: systemClock,
    log: logLines(),
    limits: { bodyBytes },
  });
}

interface Answer {
  readonly status: number | undefined;
  readonly json: unknown;
}

function ask(
  server: LocalHttp,
  method: string,
  path: string,
  headers: Record<string, string> = {},
  content = "",
): Promise<Answer> {
  const to = addressOf(server.endpoints[0] as LocalEndpoint);
  return new Promise((resolve, reject) => {
    const asked = request({ ...to, method, path, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.once("end", () => resolve({ status: response.statusCode, json: JSON.parse(text) as unknown }));
    });
    asked.once("error", reject);
    asked.end(content);
  });
}

function addressOf(endpoint: LocalEndpoint) {
  return "socket" in endpoint ? { socketPath: endpoint.socket } : { host: endpoint.host, port: endpoint.port };
}

function infer(server: LocalHttp, json: unknown = body, model: string = manifest.model): Promise<Answer> {
  return ask(server, "POST", `/v2/models/${model}/infer`, { "content-type": "application/json" }, JSON.stringify(json));
}

describe("the local inference API", () => {
  it("answers an inference with the version that made it", async () => {
    await using server = await serve();
    expect(await infer(server, { ...body, id: "7" })).toEqual({
      status: 200,
      json: {
        model_name: manifest.model,
        model_version: "2.0.0",
        id: "7",
        outputs: [{ name: "x", shape: [2], datatype: "FP32", data: [0.5, 0.25] }],
      },
    });
  });

  it("describes the server, its models and their health", async () => {
    await using server = await serve();
    expect(await ask(server, "GET", "/v2")).toMatchObject({
      status: 200,
      json: {
        name: "sedge-agent",
        extensions: ["binary_tensor_data", "sequence", "statistics", "model_repository(index)", "sedge_feedback"],
      },
    });
    expect(await ask(server, "GET", "/v2/health/live")).toMatchObject({ status: 200 });
    expect(await ask(server, "GET", "/v2/health/ready")).toMatchObject({ status: 200 });
    expect(await ask(server, "GET", `/v2/models/${manifest.model}/ready`)).toMatchObject({ status: 200 });
    expect(await ask(server, "GET", `/v2/models/${manifest.model}`)).toMatchObject({
      status: 200,
      json: { name: manifest.model, versions: [manifest.version], inputs: [{ name: manifest.inputs[0]?.name }] },
    });
    expect(await ask(server, "GET", "/status")).toMatchObject({ status: 200, json: { device: "lyon-cam-1" } });
  });

  it("lists its models, and leaves it to the control plane which these are", async () => {
    await using server = await serve();
    const [path, entry] = ["/v2/repository/index", { name: "digits", version: "2.0.0", state: "READY", reason: "" }];
    expect(await ask(server, "POST", path)).toEqual({ status: 200, json: [entry] });
    const json = { "content-type": "application/json" };
    expect(await ask(server, "POST", path, json, '{"ready":true}')).toEqual({ status: 200, json: [entry] });
    expect(await ask(server, "POST", path, json, '{"ready":1}')).toMatchObject({ status: 400 });
    expect(await ask(server, "GET", path)).toMatchObject({ status: 405 });
    for (const what of ["load", "unload"])
      expect(await ask(server, "POST", `/v2/repository/models/digits/${what}`)).toEqual({
        status: 400,
        json: {
          error: `this device does not ${what} "digits" by itself: the control plane decides which models it has, by rollouts`,
        },
      });
    expect(await ask(server, "POST", path, { origin: "http://elsewhere.example" })).toMatchObject({ status: 415 });
  });

  it("has statistics of the models of this device, and of no others", async () => {
    await using server = await serve();
    expect(await ask(server, "GET", "/v2/models/stats")).toEqual({ status: 200, json: { model_stats: [] } });
    expect(await ask(server, "GET", "/v2/models/digits/stats")).toEqual({ status: 200, json: { model_stats: [] } });
    expect(await ask(server, "GET", "/v2/models/digits/versions/9.9.9/stats")).toMatchObject({ status: 404 });
    expect(await ask(server, "GET", "/v2/models/unknown/stats")).toMatchObject({ status: 404 });
    expect(await ask(server, "POST", "/v2/models/stats")).toMatchObject({ status: 405 });
  });

  it("is not ready while a model of the device cannot answer", async () => {
    await using server = await serve(scriptedLocalAgent(manifest, async () => [], false));
    expect(await ask(server, "GET", "/v2/health/ready")).toMatchObject({ status: 503 });
    expect(await ask(server, "GET", `/v2/models/${manifest.model}/ready`)).toMatchObject({ status: 503 });
    expect(await ask(server, "GET", "/v2/health/live")).toMatchObject({ status: 200 });
    expect(await infer(server)).toEqual({ status: 503, json: { error: 'the model "digits" cannot answer now' } });
  });

  it.each([
    ["input", 400],
    ["runtime", 500],
    ["timeout", 504],
    ["worker-lost", 503],
  ] as const)("answers a failure of the class %s with %d and the reason", async (errorClass, status) => {
    await using server = await serve(
      scriptedLocalAgent(manifest, () => Promise.reject(new InferenceError(errorClass, "this is why"))),
    );
    expect(await infer(server)).toEqual({ status, json: { error: "this is why" } });
  });

  it("refuses what it cannot take, with a reason", async () => {
    await using server = await serve();
    const path = `/v2/models/${manifest.model}/infer`;
    const json = { "content-type": "application/json" };
    const refused = async (answer: Promise<Answer>) => {
      const { status, json: said } = await answer;
      return `${status} ${(said as { error: string }).error}`;
    };
    expect(await refused(infer(server, body, "unknown"))).toMatch(/^404 this device has no model "unknown"/);
    expect(await refused(infer(server, body, "%E0"))).toMatch(/^404 "%E0" is not a model name/);
    expect(await refused(infer(server, { inputs: [{ name: "x" }] }))).toMatch(/^400 .*inputs\[0\]\.shape/);
    expect(await refused(ask(server, "POST", path, json, "{"))).toMatch(/^400 the body is not JSON/);
    expect(await refused(ask(server, "POST", path, json, "x".repeat(1_001)))).toMatch(/^413 /);
    expect(
      await refused(ask(server, "POST", path, { ...json, "transfer-encoding": "chunked" }, "x".repeat(1_001))),
    ).toMatch(/^413 /);
    expect(await refused(ask(server, "GET", path))).toMatch(/^405 use POST here/);
    expect(await refused(ask(server, "DELETE", "/v2"))).toMatch(/^405 use GET here/);
    expect(await refused(ask(server, "GET", "/elsewhere"))).toMatch(/^404 /);
  });

  it.each(["/v2/models/digits/infer", "/v2/models/digits/feedback", "/v2/repository/index"])(
    "reads no body at %s whose JSON would take more memory than the daemon has",
    async (path) => {
      await using server = await serve(echo, { host: "127.0.0.1", port: 0 }, mebibytes(4));
      const heavy = `[${"{},".repeat(1_000_000)}{}]`;
      expect(await ask(server, "POST", path, { "content-type": "application/json" }, heavy)).toEqual({
        status: 400,
        json: { error: expect.stringMatching(/^the body cannot be read as JSON: it has 1000002 lists and objects/) },
      });
    },
  );

  it.each(["", "connection: close\r\n"])(
    "says why to a caller who looks at the answer only when all of a body that is too large is sent %j",
    async (connection) => {
      await using server = await serve();
      const [endpoint] = server.endpoints as readonly [LocalEndpoint];
      if ("socket" in endpoint) throw new Error("a port was asked for");
      // More than the system keeps for a connection that nobody reads from.
      const content = "x".repeat(mebibytes(24));
      const caller = connect(endpoint.port, endpoint.host);
      const head = ["POST /v2/models/digits/infer HTTP/1.1", "host: localhost", "content-type: application/json"];
      caller.pause();
      await new Promise<void>((resolve, reject) => {
        caller.once("error", reject);
        caller.write(`${head.join("\r\n")}\r\n${connection}content-length: ${content.length}\r\n\r\n`);
        caller.write(content, () => resolve());
      });
      const answer = once(caller, "data");
      caller.resume();
      const [answered] = (await answer) as [Buffer];
      expect(answered.toString()).toMatch(/^HTTP\/1.1 413 /);
      caller.destroy();
    },
  );

  it("counts a body that its caller has broken off as the caller's, and warns of nothing", async () => {
    const log = logLines();
    const endpoints = [{ host: "127.0.0.1", port: 0 }];
    await using server = await startLocalHttp({
      endpoints,
      agent: echo,
      agentVersion: "0.1.0",
      clock: systemClock,
      log,
    });
    const [endpoint] = server.endpoints as readonly [LocalEndpoint];
    if ("socket" in endpoint) throw new Error("a port was asked for");
    const caller = connect(endpoint.port, endpoint.host);
    const head = ["POST /v2/models/digits/infer HTTP/1.1", "host: localhost", "content-type: application/json"];
    caller.write(`${head.join("\r\n")}\r\ncontent-length: 100\r\nexpect: 100-continue\r\n\r\n{`);
    // The server says "100 Continue" when it has read the head.
    await once(caller, "data");
    caller.destroy();
    const counted = async (code: string) => {
      const response = await fetch(`http://127.0.0.1:${endpoint.port}/metrics`);
      return valueIn(readMetrics(await response.text()), "sedge_agent_http_requests_total", { code });
    };
    await expect.poll(() => counted("499"), { timeout: patienceMs }).toBe(1);
    expect(await counted("500")).toBeUndefined();
    expect(log.lines).toEqual([]);
  });

  it("is closed to pages of other origins: foreign host names and content types that need no permission", async () => {
    await using server = await serve();
    expect(await ask(server, "GET", "/v2", { host: "evil.example:4690" })).toMatchObject({ status: 421 });
    for (const host of ["localhost:1", "127.0.0.1:1", "[::1]:1", "LOCALHOST"])
      expect(await ask(server, "GET", "/v2", { host })).toMatchObject({ status: 200 });
    const path = `/v2/models/${manifest.model}/infer`;
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/jsonp"])
      expect(await ask(server, "POST", path, { "content-type": type }, "{}")).toMatchObject({ status: 415 });
  });

  it("listens on a socket file too, also where one was left behind", async () => {
    await using directory = await temporaryDirectory();
    const socket = join(directory.path, "agent.sock");
    {
      await using server = await serve(echo, { socket });
      expect(await infer(server)).toMatchObject({ status: 200 });
    }
    await using again = await serve(echo, { socket });
    expect(await infer(again)).toMatchObject({ status: 200 });
  });

  it("tells the agent that a caller has gone", async () => {
    let stop: AbortSignal | undefined;
    await using server = await serve(
      scriptedLocalAgent(manifest, (_inputs, signal) => {
        stop = signal;
        return new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason as Error));
        });
      }),
    );
    const [endpoint] = server.endpoints as readonly [LocalEndpoint];
    if ("socket" in endpoint) throw new Error("a port was asked for");
    const socket = connect(endpoint.port, endpoint.host);
    await once(socket, "connect");
    const content = JSON.stringify(body);
    socket.write(
      `POST /v2/models/${manifest.model}/infer HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n` +
        `content-length: ${content.length}\r\n\r\n${content}`,
    );
    const deadline = Date.now() + patienceMs;
    while (stop === undefined && Date.now() < deadline) await delay(5);
    socket.destroy();
    while (stop?.aborted !== true && Date.now() < deadline) await delay(5);
    expect(stop?.aborted).toBe(true);
  });
});
