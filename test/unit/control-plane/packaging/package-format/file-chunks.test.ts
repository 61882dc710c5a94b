import { describe, expect, it } from "vitest";
import { checkChunks, chunkedFileOf } from "../../../../../control-plane/packaging/package-format/file-chunks.ts";
import { sealPackage } from "../../../../../control-plane/packaging/package-format/seal-package.ts";
import { chunkHashesOf, digestsOfChunks } from "../../../../../proto/chunk-hashes.ts";
import { parseManifest } from "../../../../../proto/manifest-parser.ts";
import { encodeManifest } from "../../../../../proto/manifest.ts";
import { kibibytes } from "../../../../../proto/units.ts";
import { Problems } from "../../../../../proto/problems.ts";
import { aManifest } from "../../../../support/manifests.ts";
import { digestOf } from "../../../../support/messages.ts";
import { sha256Of } from "../../../../support/packages.ts";
import { aContent, aPublisher } from "../../../../support/sealed-package.ts";

const large = Uint8Array.from({ length: kibibytes(600) }, (_, i) => (i * 31) % 253);
const chunk = (i: number) => sha256Of(large.subarray(kibibytes(256) * i, kibibytes(256) * (i + 1)));

describe("the hashes of chunks in a manifest", () => {
  it("are there for a file of more than one chunk", () => {
    expect(chunkedFileOf(large.subarray(0, kibibytes(256)))).toEqual({
      digest: chunk(0),
      size: kibibytes(256),
    });
    expect(chunkedFileOf(large)).toEqual({
      digest: sha256Of(large),
      size: large.length,
      chunks: chunkHashesOf(kibibytes(256), [chunk(0), chunk(1), chunk(2)]),
    });
  });

  it("are written by whoever seals the package, and read back by whoever gets it", () => {
    const content = aContent();
    const variants = content.manifest.variants.map((variant) => ({
      ...variant,
      file: { digest: sha256Of(large), size: large.length },
    }));
    const files = [{ path: "variants/fp32.onnx", bytes: large }];
    const { manifest } = sealPackage({ ...content, manifest: { ...content.manifest, variants }, files }, aPublisher());
    const read = parseManifest(encodeManifest(manifest));
    const chunks = read.ok ? read.value.variants[0]?.file.chunks : undefined;
    expect(chunks && digestsOfChunks(chunks)).toEqual([chunk(0), chunk(1), chunk(2)]);
  });

  it("take 23 KB of a manifest at most for each file", () => {
    const digests = Array.from({ length: 512 }, () => digestOf(1));
    expect(JSON.stringify(chunkHashesOf(kibibytes(256), digests)).length).toBeLessThan(23_000);
  });

  it("are compared with the file, and the first that is wrong is named", () => {
    const file = { ...chunkedFileOf(large), chunks: chunkHashesOf(kibibytes(256), [chunk(0), digestOf(1), chunk(2)]) };
    const problems = new Problems();
    checkChunks(aManifest({ golden: file }), file.digest, large, "golden.pb", problems);
    expect(problems.list).toEqual(["golden.pb: chunk 1 of 262144 bytes has another hash in the manifest"]);
  });
});
