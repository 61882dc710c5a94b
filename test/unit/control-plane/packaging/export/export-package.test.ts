import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { PackageSource } from "../../../../../control-plane/packaging/export/export-package.ts";
import { exportPackage, WrongFileError } from "../../../../../control-plane/packaging/export/export-package.ts";
import { noProgress } from "../../../../../control-plane/packaging/progress.ts";
import type { Digest } from "../../../../../proto/ids.ts";
import { aManifest } from "../../../../support/manifests.ts";
import { temporaryDirectory } from "../../../../support/temporary-directory.ts";

const contents: Readonly<Record<string, string>> = {
  "manifest.json": "{}",
  "variants/fp32.onnx": "a model",
  "test_data_set_0/input_0.pb": "the same",
  "test_data_set_1/input_0.pb": "the same",
};
const hex = (text: string | Uint8Array) => createHash("sha256").update(text).digest("hex");
const signal = new AbortController().signal;

/** The files above; `handedOut` says what arrives instead of their bytes. */
function sourceOf(handedOut: Readonly<Record<string, string>> = {}): PackageSource {
  const byDigest = new Map<Digest, string>();
  const files = Object.entries(contents).map(([path, text]) => {
    const digest = `sha256:${hex(text)}` as Digest;
    byDigest.set(digest, handedOut[path] ?? byDigest.get(digest) ?? text);
    return { path, digest, size: text.length };
  });
  return { manifest: aManifest(), files, read: (digest) => Promise.resolve(inPieces(byDigest.get(digest) ?? "")) };
}

/** As bytes come from the network. */
async function* inPieces(text: string): AsyncGenerator<Uint8Array> {
  for (const letter of text) yield Buffer.from(letter);
}

async function filesIn(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .toSorted();
}

describe("exporting a package", () => {
  it("as a directory gives its files their names", async () => {
    await using home = await temporaryDirectory();
    const out = join(home.path, "deep/out");
    await exportPackage(sourceOf(), "directory", out, noProgress, signal);
    expect(await filesIn(out)).toEqual(Object.keys(contents).toSorted());
    for (const [path, text] of Object.entries(contents)) expect(await readFile(join(out, path), "utf8")).toBe(text);
  });

  it("as an OCI layout keeps every blob once, under its digest", async () => {
    await using home = await temporaryDirectory();
    const out = join(home.path, "out");
    await exportPackage(sourceOf(), "oci", out, noProgress, signal);
    const found = await filesIn(out);
    const blobs = found.filter((path) => path.startsWith("blobs/sha256/"));
    // Three different files, the image and its configuration.
    expect(blobs).toHaveLength(5);
    expect(found.filter((path) => !blobs.includes(path))).toEqual(["index.json", "oci-layout"]);
    for (const path of blobs) expect(path).toBe(`blobs/sha256/${hex(await readFile(join(out, path)))}`);
  });

  it.each(["directory", "oci"] as const)("leaves no %s where a file is not the one that was signed", async (format) => {
    await using home = await temporaryDirectory();
    const wrong = sourceOf({ "variants/fp32.onnx": "another model" });
    const exported = exportPackage(wrong, format, join(home.path, "out"), noProgress, signal);
    await expect(exported).rejects.toThrow(WrongFileError);
    await expect(exported).rejects.toThrow(/^variants\/fp32\.onnx arrived with the digest sha256:[0-9a-f]{64}, not /);
    expect(await readdir(home.path)).toEqual([]);
  });

  it("leaves nothing when its user stops waiting", async () => {
    await using home = await temporaryDirectory();
    const stop = new AbortController();
    const told: string[] = [];
    const progress = {
      begin: () => told.push("begin"),
      advance: () => stop.abort(new Error("Ctrl-C")),
      end: () => told.push("end"),
    };
    const exported = exportPackage(sourceOf(), "directory", join(home.path, "out"), progress, stop.signal);
    await expect(exported).rejects.toThrow("Ctrl-C");
    expect(await readdir(home.path)).toEqual([]);
    expect(told).toEqual(["begin", "end"]);
  });

  it("does not touch a directory that is there", async () => {
    await using home = await temporaryDirectory();
    await writeFile(join(home.path, "mine"), "kept");
    await expect(exportPackage(sourceOf(), "directory", home.path, noProgress, signal)).rejects.toThrow(/ENOTEMPTY/);
    expect(await filesIn(home.path)).toEqual(["mine"]);
  });
});
