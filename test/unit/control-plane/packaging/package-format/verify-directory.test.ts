import { mkdir, readFile, rename, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { PackageFault } from "../../../../../control-plane/packaging/package-format/package-fault.ts";
import { PackageVerifyError } from "../../../../../control-plane/packaging/package-format/package-fault.ts";
import { verifyDirectory } from "../../../../../control-plane/packaging/package-format/verify-directory.ts";
import { chunkHashesOf } from "../../../../../proto/chunk-hashes.ts";
import { encodeGoldenSet } from "../../../../../proto/codec/golden.ts";
import type { Digest } from "../../../../../proto/ids.ts";
import { limits } from "../../../../../proto/limits.ts";
import type { Manifest } from "../../../../../proto/manifest.ts";
import { digestOf } from "../../../../support/messages.ts";
import { sha256Of, signedAgain } from "../../../../support/packages.ts";
import { aPublisher, aSealedPackage, writePackage } from "../../../../support/sealed-package.ts";
import type { TemporaryDirectory } from "../../../../support/temporary-directory.ts";
import { temporaryDirectory } from "../../../../support/temporary-directory.ts";
import { modelBytes, x } from "../../../../support/tiny-models.ts";

const { signal } = new AbortController();
const key = aPublisher();
const packed = aSealedPackage(key);
let folder: TemporaryDirectory;

beforeEach(async () => {
  folder = await temporaryDirectory();
  await writePackage(folder.path, packed);
});
afterEach(() => folder[Symbol.asyncDispose]());

const inside = (path: string) => join(folder.path, path);

async function refusal(keys = [key], directory = folder.path): Promise<PackageFault & { readonly message: string }> {
  const error = await verifyDirectory(directory, keys, signal).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof PackageVerifyError) return { ...error.fault, message: error.message };
  throw new Error("the directory was not refused", { cause: error });
}

/** What a publisher signs by mistake: other files, or a manifest that does not fit them. */
async function signed(changes: Partial<Manifest>, files: ReadonlyMap<string, Uint8Array> = new Map()): Promise<void> {
  const changed = packed.files.map((file) => {
    const bytes = files.get(file.path) ?? file.bytes;
    return { ...file, bytes, digest: sha256Of(bytes), size: bytes.length };
  });
  const named = changed.filter(({ path }) => path !== "manifest.json");
  const manifest = {
    ...packed.manifest,
    files: named.map(({ path, digest, size }) => ({ path, digest, size })),
    ...changes,
  };
  const again = signedAgain({ files: changed }, manifest, key);
  const [manifestBytes] = again.files.values();
  await writePackage(folder.path, {
    ...packed,
    bundle: again.bundle,
    files: [{ path: "manifest.json", bytes: manifestBytes as Uint8Array, digest: packed.digest, size: 0 }, ...named],
  });
}

it("takes what was packed, and says what it is", async () => {
  expect(await verifyDirectory(folder.path, [aPublisher(), key], signal)).toEqual({
    digest: packed.digest,
    bundle: Buffer.from(packed.bundle),
    manifest: packed.manifest,
    publisher: key.keyId,
    files: packed.files.map(({ path, digest, size }) => ({ path, digest, size })),
  });
});

describe("a directory is refused", () => {
  it("when it is none, or holds no package", async () => {
    expect(await refusal([key], inside("nowhere"))).toMatchObject({ kind: "no-package" });
    expect(await refusal([key], inside("README.md"))).toMatchObject({ kind: "no-package" });
    await rm(inside("model.sig"));
    expect(await refusal()).toMatchObject({
      kind: "no-package",
      message: expect.stringContaining("model.sig is missing"),
    });
  });

  it("when its manifest names a chunk with another hash than the file has", async () => {
    const [variant] = packed.manifest.variants;
    if (variant === undefined) throw new Error("there is no variant");
    const chunks = (digest: Digest) => chunkHashesOf(limits.chunkBytes, [digest]);
    await signed({ variants: [{ ...variant, file: { ...variant.file, chunks: chunks(variant.file.digest) } }] });
    await verifyDirectory(folder.path, [key], signal);
    await signed({ variants: [{ ...variant, file: { ...variant.file, chunks: chunks(digestOf(9)) } }] });
    expect(await refusal()).toMatchObject({
      kind: "manifest",
      path: "variants/fp32.onnx",
      message: expect.stringContaining("chunk 0 of 262144 bytes has another hash in the manifest"),
    });
    await signed({ golden: { ...packed.manifest.golden, chunks: chunks(digestOf(9)) } });
    expect(await refusal()).toMatchObject({ kind: "manifest", path: "golden.pb" });
  });

  it("when nobody whom the user trusts signed it, whatever else is wrong", async () => {
    await rm(inside("manifest.json"));
    expect(await refusal([aPublisher()])).toMatchObject({
      kind: "signature",
      message: expect.stringContaining(`it names the key ${key.keyId}`),
    });
  });

  it("when another key signed it in the publisher's name", async () => {
    expect(await refusal([{ ...aPublisher(), keyId: key.keyId }])).toMatchObject({
      kind: "signature",
      message: expect.stringContaining("changed after signing"),
    });
  });

  it("when its signature says the same in other bytes", async () => {
    await writeFile(inside("model.sig"), `${await readFile(inside("model.sig"), "utf8")}\n`);
    expect(await refusal()).toMatchObject({
      kind: "signature",
      message: expect.stringContaining("not in the same bytes"),
    });
  });

  it("when a file is missing", async () => {
    await rm(inside("test_data_set_1/output_0.pb"));
    expect(await refusal()).toMatchObject({ kind: "missing-file", path: "test_data_set_1/output_0.pb" });
  });

  it("when a file is there that nobody signed", async () => {
    await writeFile(inside("variants/more.onnx"), "x");
    expect(await refusal()).toMatchObject({ kind: "unsigned-file", path: "variants/more.onnx" });
  });

  it("when two names differ only in their case", async () => {
    await writeFile(inside("readme.md"), "x");
    expect(await refusal()).toMatchObject({
      kind: "unsigned-file",
      message: expect.stringContaining("README.md and readme.md"),
    });
  });

  it("when a file was changed: with both digests", async () => {
    await truncate(inside("golden.pb"), 10);
    const file = packed.files.find(({ path }) => path === "golden.pb");
    expect(await refusal()).toMatchObject({
      kind: "changed-file",
      path: "golden.pb",
      signed: file?.digest,
      found: sha256Of(file?.bytes.subarray(0, 10) ?? new Uint8Array()),
    });
  });

  it("when a file is a link, even to the right content", async () => {
    await rename(inside("golden.pb"), `${folder.path}.pb`);
    await symlink(`${folder.path}.pb`, inside("golden.pb"));
    expect(await refusal()).toMatchObject({ kind: "special-file", path: "golden.pb" });
    await rm(`${folder.path}.pb`);
  });

  it("when a folder is a link", async () => {
    await rename(inside("variants"), `${folder.path}.variants`);
    await symlink(`${folder.path}.variants`, inside("variants"));
    expect(await refusal()).toMatchObject({ kind: "special-file", path: "variants" });
    await rm(`${folder.path}.variants`, { recursive: true });
  });

  it("when its signature is a link or too large", async () => {
    await rename(inside("model.sig"), inside("other"));
    await symlink("other", inside("model.sig"));
    expect(await refusal()).toMatchObject({ kind: "special-file", path: "model.sig" });
    await rm(inside("model.sig"));
    await mkdir(inside("model.sig"));
    expect(await refusal()).toMatchObject({ kind: "special-file" });
    await rm(inside("model.sig"), { recursive: true });
    await writeFile(inside("model.sig"), new Uint8Array(2_000_000));
    expect(await refusal()).toMatchObject({ kind: "signature", message: expect.stringContaining("more than") });
  });
});

describe("what was signed is refused", () => {
  it("when the manifest names other files than the statement", async () => {
    await signed({ files: packed.manifest.files.slice(1) });
    expect(await refusal()).toMatchObject({
      kind: "manifest",
      message: expect.stringContaining("was signed, but the manifest"),
    });
  });

  it("when the manifest gives a file another size", async () => {
    await signed({
      files: packed.manifest.files.map((file) => ({ ...file, size: file.path === "README.md" ? 1 : file.size })),
    });
    expect(await refusal()).toMatchObject({ kind: "manifest", path: "README.md" });
  });

  it("when the golden set and the test data sets do not hold the same numbers", async () => {
    const bytes = encodeGoldenSet({
      cases: [1, 3].map((value) => ({
        inputs: x(value),
        outputs: x(2 * value).map((tensor) => ({ ...tensor, name: "y" })),
      })),
    });
    await signed({ golden: { digest: sha256Of(bytes), size: bytes.length } }, new Map([["golden.pb", bytes]]));
    expect(await refusal()).toMatchObject({
      kind: "golden-set",
      message: expect.stringMatching(/test_data_set_1\/input_0\.pb: differs from "x"/),
    });
  });

  it("when the manifest does not describe the graph", async () => {
    await signed({ inputs: [{ name: "x", dataType: "float32", shape: [2] }] });
    expect(await refusal()).toMatchObject({
      kind: "graph",
      path: "variants/fp32.onnx",
      message: expect.stringContaining('"x" is float32[1] in the model and float32[2] in the manifest'),
    });
  });

  it("when a variant is no model that a fleet may get", async () => {
    const bytes = modelBytes({ node: [] }).subarray(0, 20);
    const [variant] = packed.manifest.variants;
    if (variant === undefined) throw new Error("the package has a variant");
    const file = { digest: sha256Of(bytes), size: bytes.length };
    await signed({ variants: [{ ...variant, file }] }, new Map([["variants/fp32.onnx", bytes]]));
    expect(await refusal()).toMatchObject({ kind: "graph", message: expect.stringContaining("not an ONNX model") });
  });
});
