import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { blobPath, ociLayout } from "../../../../../control-plane/packaging/export/oci-layout.ts";
import type { Digest } from "../../../../../proto/ids.ts";
import type { Manifest, PackageFile, Variant } from "../../../../../proto/manifest.ts";
import { aManifest, noLineage } from "../../../../support/manifests.ts";
import { digestOf } from "../../../../support/messages.ts";

const files: readonly PackageFile[] = [
  "manifest.json",
  "variants/fp32.onnx",
  "test_data_set_0/input_0.pb",
  "README.md",
  "LICENSE",
  "model.sigstore.json",
].map((path, i) => ({ path, digest: path.endsWith(".onnx") ? digestOf(1) : digestOf(10 + i), size: 100 + i }));

interface Document {
  readonly [key: string]: unknown;
}

const read = (bytes: Uint8Array): Document => JSON.parse(Buffer.from(bytes).toString("utf8")) as Document;

/** Follows the index to the image, and the image to its configuration, as a registry's client does. */
function layoutOf(overrides: Partial<Manifest> = {}) {
  const { layout, index, documents } = ociLayout(aManifest(overrides), files);
  const blob = (descriptor: { readonly digest: Digest; readonly size: number }): Document => {
    const found = documents.find(({ digest }) => digest === descriptor.digest);
    const bytes = found?.bytes ?? new Uint8Array();
    const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
    expect({ digest, size: bytes.length }).toEqual({ digest: descriptor.digest, size: descriptor.size });
    return read(bytes);
  };
  const whole = read(index);
  const [entry] = whole["manifests"] as [{ digest: Digest; size: number }];
  const image = blob(entry);
  return { layout: read(layout), index: whole, image, config: blob(image["config"] as never) };
}

/** Descriptors without what is looked at elsewhere. */
const layersOf = (image: Document) => image["layers"] as readonly { mediaType: string; digest: string; size: number }[];

describe("a package as an OCI image layout", () => {
  it("is of version 1.0.0, with one image under the version's name", () => {
    const { layout, index } = layoutOf();
    expect(layout).toEqual({ imageLayoutVersion: "1.0.0" });
    expect(index).toEqual({
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.index.v1+json",
      manifests: [
        {
          mediaType: "application/vnd.oci.image.manifest.v1+json",
          artifactType: "application/vnd.cncf.model.manifest.v1+json",
          digest: expect.stringMatching(/^sha256:/),
          size: expect.any(Number),
          annotations: { "org.opencontainers.image.ref.name": "2.0.0" },
        },
      ],
    });
  });

  it("has one layer for each file, which says what it is and what it is called", () => {
    const { image } = layoutOf();
    expect(layersOf(image).map(({ mediaType }) => mediaType.replace("application/vnd.cncf.model.", ""))).toEqual([
      "weight.config.v1.raw",
      "weight.v1.raw",
      "dataset.v1.raw",
      "doc.v1.raw",
      "doc.v1.raw",
      "weight.config.v1.raw",
    ]);
    expect(layersOf(image)[1]).toEqual({
      mediaType: "application/vnd.cncf.model.weight.v1.raw",
      digest: digestOf(1),
      size: 101,
      annotations: {
        "org.cncf.model.filepath": "variants/fp32.onnx",
        "org.opencontainers.image.title": "variants/fp32.onnx",
      },
    });
  });

  it("describes the model after ModelPack, its layers by the digests that they have uncompressed", () => {
    const { image, config } = layoutOf();
    expect(image).toMatchObject({
      artifactType: "application/vnd.cncf.model.manifest.v1+json",
      config: { mediaType: "application/vnd.cncf.model.config.v1+json" },
    });
    expect(config).toEqual({
      descriptor: { name: "digits", version: "2.0.0", createdAt: "2026-01-01T00:00:00.000Z" },
      config: { format: "onnx", precision: "float32" },
      modelfs: { type: "layers", diffIds: files.map(({ digest }) => digest) },
    });
  });

  it("passes on authors, licence, source and the revision of the code", () => {
    const { image, config } = layoutOf({
      about: { description: "Digits.", license: "Apache-2.0", authors: ["Ada"], source: "https://example.org/digits" },
      lineage: { ...noLineage, codeRevision: "9f2c1ab" },
    });
    expect(config["descriptor"]).toMatchObject({
      authors: ["Ada"],
      description: "Digits.",
      licenses: ["Apache-2.0"],
      sourceURL: "https://example.org/digits",
      revision: "9f2c1ab",
    });
    expect(image["annotations"]).toEqual({
      "org.opencontainers.image.title": "digits",
      "org.opencontainers.image.version": "2.0.0",
      "org.opencontainers.image.created": "2026-01-01T00:00:00.000Z",
      "org.opencontainers.image.licenses": "Apache-2.0",
      "org.opencontainers.image.source": "https://example.org/digits",
      "org.opencontainers.image.revision": "9f2c1ab",
    });
  });

  it("of several variants has a mixed precision, and names the methods that made them", () => {
    const [float] = aManifest().variants as readonly [Variant];
    const int8: Variant = {
      ...float,
      id: "int8",
      precision: "int8",
      file: { digest: digestOf(3), size: 300 },
      build: { ...float.build, method: "static-int8" },
    };
    expect(layoutOf({ variants: [float, int8] }).config["config"]).toEqual({
      format: "onnx",
      precision: "mixed",
      quantization: "static-int8",
    });
  });

  it("is the same bytes each time", () => {
    expect(ociLayout(aManifest(), files)).toEqual(ociLayout(aManifest(), files));
  });

  it("keeps a blob under its digest", () => {
    expect(blobPath(digestOf(1))).toMatch(/^blobs\/sha256\/[0-9a-f]{64}$/);
  });
});
