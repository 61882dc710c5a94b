import { link, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { modelOf, node, tensorValue } from "../../../../../control-plane/packaging/onnx/build.ts";
import { encodeModel } from "../../../../../control-plane/packaging/onnx/encode.ts";
import { inlineExternalData } from "../../../../../control-plane/packaging/onnx/external-data.ts";
import { inspectModel } from "../../../../../control-plane/packaging/onnx/inspect.ts";
import type { ModelProto } from "../../../../../control-plane/packaging/onnx/model.ts";
import { refusals } from "../../../../../control-plane/packaging/onnx/refusals.ts";
import { onnxMessage } from "../../../../../control-plane/packaging/onnx/schema.ts";
import { temporaryDirectory } from "../../../../support/temporary-directory.ts";

const { signal } = new AbortController();
const values = Float32Array.of(1, 2, 3, 4);
const bytes = new Uint8Array(values.buffer);
let root: Awaited<ReturnType<typeof temporaryDirectory>>;
let directory: string;

beforeAll(async () => {
  root = await temporaryDirectory();
  directory = join(root.path, "model");
  await mkdir(join(directory, "parts"), { recursive: true });
  await writeFile(join(root.path, "secret"), bytes);
  await writeFile(join(directory, "weights.bin"), new Uint8Array([...new Uint8Array(8), ...bytes]));
  await writeFile(join(directory, "parts", "w"), bytes);
  await writeFile(join(directory, "first-name"), bytes);
  await link(join(directory, "first-name"), join(directory, "second-name"));
  await symlink(join(root.path, "secret"), join(directory, "symbolic"));
  await symlink(root.path, join(directory, "up"));
});
afterAll(() => root[Symbol.asyncDispose]());

function modelWith(entries: Readonly<Record<string, string>>): ModelProto {
  const external = onnxMessage("Tensor", {
    name: "w",
    dims: [4],
    dataType: 1,
    dataLocation: 1,
    externalData: Object.entries(entries).map(([key, value]) => onnxMessage("StringEntry", { key, value })),
  });
  const graph = onnxMessage("Graph", {
    name: "external",
    node: [node("Add", ["x", "w"], ["y"])],
    initializer: [external],
    input: [tensorValue("x", "float32", [4])],
    output: [tensorValue("y", "float32", [4])],
  });
  return modelOf(graph, "test");
}

describe("inlineExternalData", () => {
  it.each([
    ["from a byte on", { location: "weights.bin", offset: "8", length: "16" }],
    ["whole", { location: "parts/w" }],
  ])("takes the weights beside the model into it: %s", async (_what, entries) => {
    const model = modelWith(entries);
    expect(refusals(inspectModel(encodeModel(model)))).toContainEqual(expect.stringMatching(/another file/));
    const whole = await inlineExternalData(model, directory, signal);
    expect(whole.graph?.initializer[0]?.rawData).toEqual(bytes);
    expect(refusals(inspectModel(encodeModel(whole)))).toEqual([]);
  });

  it.each([
    ["up the tree", { location: "../secret" }, /not the name of a file/],
    ["up the tree, by a detour", { location: "parts/../../secret" }, /not the name of a file/],
    ["an absolute path", { location: "/etc/passwd" }, /not the name of a file/],
    ["a Windows path", { location: "C:\\secret" }, /not the name of a file/],
    ["a symbolic link", { location: "symbolic" }, /"symbolic" is a symbolic link/],
    ["a linked directory", { location: "up/secret" }, /is a symbolic link/],
    ["a hard link", { location: "second-name" }, /hard link/],
    ["a directory", { location: "parts" }, /not a file/],
    ["no such file", { location: "nothing" }, /no file "nothing"/],
    ["no location", {}, /no location/],
    [
      "bytes beyond the end",
      { location: "weights.bin", offset: "99999999999" },
      /has 24 bytes; 16 from byte 99999999999/,
    ],
    ["another length", { location: "weights.bin", length: "12" }, /needs 16 bytes, 12 are given/],
    ["no number", { location: "weights.bin", offset: "-8" }, /whole numbers/],
  ])("reads nothing else: %s", async (_what, entries: Record<string, string>, reason) => {
    const reading = inlineExternalData(modelWith(entries), directory, signal);
    await expect(reading).rejects.toMatchObject({ name: "ExternalDataError" });
    await expect(reading).rejects.toThrow(reason);
  });
});
