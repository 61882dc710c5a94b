import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { importDirectory, importUrl } from "../../control-plane/packaging/import/import-file.ts";
import { importMlflow } from "../../control-plane/packaging/import/import-mlflow.ts";
import { parseMlflowReference } from "../../control-plane/packaging/import/mlflow-reference.ts";
import { openMlflowRegistry } from "../../control-plane/packaging/import/mlflow-registry.ts";
import { noProgress } from "../../control-plane/packaging/progress.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const { signal } = new AbortController();
const digits = readFile(new URL("../fixtures/digits/digits-1.onnx", import.meta.url));

type Answer = { readonly status?: number; readonly body: string | Uint8Array } | undefined;

async function serve(answer: (path: string, query: URLSearchParams, authorization: string | undefined) => Answer) {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://x");
    const { status = 200, body } = answer(pathname, searchParams, request.headers.authorization) ?? {
      status: 404,
      body: "{}",
    };
    response.writeHead(status).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const mlmodel = `
artifact_path: model
flavors:
  onnx: { data: model.onnx, onnx_version: 1.17.0, providers: [CPUExecutionProvider] }
  python_function: { loader_module: mlflow.onnx, data: model.onnx }
mlflow_version: 3.1.0
model_uuid: 0b1f
`;

/** What an MLflow server answers about one model version, after its public REST documentation. */
async function anMlflowServer(changes: Readonly<Record<string, Answer>> = {}) {
  const model = await digits;
  const json = (value: unknown) => ({ body: JSON.stringify(value) });
  return serve((path, query, authorization) => {
    if (authorization !== "Bearer secret") return { status: 401, body: "no" };
    const inArtifacts = path.replace("/api/2.0/mlflow-artifacts/artifacts/", "");
    const key = path === "/api/2.0/mlflow-artifacts/artifacts" ? `list ${query.get("path")}` : inArtifacts;
    if (key in changes) return changes[key];
    switch (key) {
      case "/api/2.0/mlflow/registered-models/alias":
        if (query.get("name") !== "Digit Net" || query.get("alias") !== "champion") return undefined;
        return json({
          model_version: {
            name: "Digit Net",
            version: "7",
            run_id: "r1",
            user_id: "ada",
            description: "reads digits",
            creation_timestamp: 5,
          },
        });
      case "/api/2.0/mlflow/model-versions/get-download-uri":
        return json({ artifact_uri: "mlflow-artifacts:/0/r1/artifacts/model" });
      case "/api/2.0/mlflow/runs/get":
        return json({
          run: {
            info: { run_id: query.get("run_id"), end_time: 1_767_225_600_000 },
            data: {
              params: [
                { key: "lr", value: "0.001" },
                { key: "optimizer", value: "adam" },
              ],
              metrics: [{ key: "accuracy", value: 0.97, timestamp: 1, step: 0 }],
              tags: [{ key: "mlflow.source.git.commit", value: "4be1f" }],
            },
            inputs: {
              dataset_inputs: [{ dataset: { name: "mnist", digest: "9a0c", source_type: "code", source: "{}" } }],
            },
          },
        });
      case "list 0/r1/artifacts/model":
        return json({
          files: [
            { path: "MLmodel", is_dir: false, file_size: 10 },
            { path: "model.onnx", is_dir: false },
            { path: "extra", is_dir: true },
          ],
        });
      case "list 0/r1/artifacts/model/extra":
        return json({ files: [{ path: "0/r1/artifacts/model/extra/notes.txt", is_dir: false }] });
      case "0/r1/artifacts/model/MLmodel":
        return { body: mlmodel };
      case "0/r1/artifacts/model/model.onnx":
        return { body: model };
      case "0/r1/artifacts/model/extra/notes.txt":
        return { body: "trained on a Tuesday" };
      default:
        return undefined;
    }
  });
}

async function imported(server: string, out: string, reference = "models:/Digit Net@champion", token = "secret") {
  const parsed = parseMlflowReference(reference);
  if (parsed === undefined) throw new Error(reference);
  return importMlflow(openMlflowRegistry({ server, token }), parsed, out, noProgress, signal);
}

describe("a version in an MLflow registry", () => {
  test("becomes a directory with its files and a specification that says what MLflow knows", async () => {
    await using server = await anMlflowServer();
    await using directory = await temporaryDirectory();
    const out = join(directory.path, "net");
    expect(await imported(server.url, out)).toMatchObject({ name: "digit-net", version: "7", model: "model.onnx" });
    expect((await readdir(out)).toSorted()).toEqual(["MLmodel", "extra", "model.onnx", "model.yaml"]);
    expect(Buffer.compare(await readFile(join(out, "model.onnx")), await digits)).toBe(0);
    expect(parse(await readFile(join(out, "model.yaml"), "utf8"))).toMatchObject({
      name: "digit-net",
      version: "7",
      model: "model.onnx",
      lineage: {
        trainingData: [{ reference: "mnist (9a0c)" }],
        codeRevision: "4be1f",
        hyperParameters: { lr: 0.001, optimizer: "adam" },
        metrics: { accuracy: 0.97 },
        trainedBy: "ada",
        trainedAt: "2026-01-01T00:00:00.000Z",
      },
      inputs: [{ name: "image" }],
    });
  });

  const down = "list 0/r1/artifacts/model";
  const uri = "/api/2.0/mlflow/model-versions/get-download-uri";
  test.each([
    ["an answer that is not MLflow's", { [uri]: { body: "[]" } }, /did not answer as MLflow does/],
    ["a store of another kind", { [uri]: { body: '{"artifact_uri":"s3://bucket/m"}' } }, /--serve-artifacts/],
    ["no MLmodel file", { [down]: { body: '{"files":[]}' } }, /it is not a model that MLflow logged/],
    ["a file name that leads out", { [down]: { body: '{"files":[{"path":".."}]}' } }, /a file with the name "\.\."/],
    ["another form than ONNX", { "0/r1/artifacts/model/MLmodel": { body: "flavors: {sklearn: {}}" } }, /only sklearn/],
    ["a damaged model", { "0/r1/artifacts/model/model.onnx": { body: "<html>" } }, /no ONNX model/],
    ["a file that is gone", { "0/r1/artifacts/model/model.onnx": { status: 404, body: "" } }, /answered 404/],
  ])("is refused for %s, and leaves nothing behind", async (_what, changes, reason) => {
    await using server = await anMlflowServer(changes);
    await using directory = await temporaryDirectory();
    await expect(imported(server.url, join(directory.path, "net"))).rejects.toThrow(reason);
    expect(await readdir(directory.path)).toEqual([]);
  });

  test("is refused when the server does, or cannot be reached", async () => {
    await using directory = await temporaryDirectory();
    const out = join(directory.path, "net");
    await using server = await anMlflowServer();
    await expect(imported(server.url, out, undefined, "wrong")).rejects.toThrow(/answered 401: no/);
    await expect(imported("http://127.0.0.1:1", out)).rejects.toThrow(/cannot be reached/);
    expect(() => openMlflowRegistry({ server: "file:/tmp" })).toThrow(/MLFLOW_TRACKING_URI/);
  });

  test.each([
    ["models:/a@champion", { kind: "alias", name: "a", alias: "champion" }],
    ["models:/a b/3", { kind: "version", name: "a b", version: "3" }],
    ["models:/a/latest", { kind: "latest", name: "a" }],
    ["models:/a", undefined],
    ["models:/a/Production", undefined],
    ["runs:/x/model", undefined],
  ])("is named like %s", (text, reference) => {
    expect(parseMlflowReference(text)).toEqual(reference);
  });
});

describe("a file from the web", () => {
  test("is taken when it has the digest that was named", async () => {
    const model = await digits;
    await using server = await serve(() => ({ body: model }));
    await using directory = await temporaryDirectory();
    const url = new URL(`${server.url}/models/Digits%20Net.onnx?token=x`);
    const right = createHash("sha256").update(model).digest("hex");
    const out = join(directory.path, "net");
    await expect(importUrl(url, "0".repeat(64), out, signal)).rejects.toThrow(`has the SHA-256 ${right}`);
    expect(await readdir(directory.path)).toEqual([]);
    expect(await importUrl(url, right, out, signal)).toMatchObject({ name: "digits-net", model: "Digits-Net.onnx" });
    // A token in the address is nobody's business.
    expect(await readFile(join(out, "model.yaml"), "utf8")).not.toContain("token");
  });
});

describe("a directory", () => {
  test("is taken with its one ONNX file, or with the one that its MLmodel file names", async () => {
    await using directory = await temporaryDirectory();
    const from = join(directory.path, "from");
    await mkdir(join(from, "data"), { recursive: true });
    await expect(importDirectory(from, join(directory.path, "a"), signal)).rejects.toThrow(/neither an MLmodel/);
    await writeFile(join(from, "one.onnx"), await digits);
    expect(await importDirectory(from, join(directory.path, "a"), signal)).toMatchObject({ model: "one.onnx" });
    await writeFile(join(from, "two.onnx"), await digits);
    await expect(importDirectory(from, join(directory.path, "b"), signal)).rejects.toThrow(/2 \.onnx files/);
    await writeFile(join(from, "data", "model.onnx"), await digits);
    await writeFile(join(from, "data", "model.onnx.data"), "weights");
    await writeFile(join(from, "MLmodel"), "flavors: { onnx: { data: data/model.onnx } }");
    expect(await importDirectory(from, join(directory.path, "b"), signal)).toMatchObject({ model: "data/model.onnx" });
    expect((await readdir(join(directory.path, "b", "data"))).toSorted()).toEqual(["model.onnx", "model.onnx.data"]);
  });
});
