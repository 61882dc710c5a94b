import { createHash } from "node:crypto";
import { bytesOfText } from "../../../proto/bytes.ts";
import type { Digest } from "../../../proto/ids.ts";
import type { Manifest, PackageFile } from "../../../proto/manifest.ts";

/** The JSON documents of an OCI image layout; the files of the package are blobs beside them, under their digests. */
export interface OciLayout {
  /** For the file `oci-layout`. */
  readonly layout: Uint8Array;
  /** For the file `index.json`. */
  readonly index: Uint8Array;
  /** Blobs that are no file of the package: the image manifest and its configuration. */
  readonly documents: readonly { readonly digest: Digest; readonly bytes: Uint8Array }[];
}

const mediaTypes = {
  index: "application/vnd.oci.image.index.v1+json",
  manifest: "application/vnd.oci.image.manifest.v1+json",
  artifact: "application/vnd.cncf.model.manifest.v1+json",
  config: "application/vnd.cncf.model.config.v1+json",
} as const;

/**
 * A package as an OCI artifact after the ModelPack specification (github.com/modelpack/model-spec): one uncompressed layer for each
 * file, so that a registry keeps it once whatever versions share it. `files` are all files, manifest.json and the signature included.
 */
export function ociLayout(manifest: Manifest, files: readonly PackageFile[]): OciLayout {
  const variants = new Set(manifest.variants.map(({ file }) => file.digest));
  const layers = files.map(({ path, digest, size }) => ({
    mediaType: layerType(path, variants.has(digest)),
    digest,
    size,
    annotations: { "org.cncf.model.filepath": path, "org.opencontainers.image.title": path },
  }));
  const config = json(configOf(manifest, files));
  const image = json({
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    artifactType: mediaTypes.artifact,
    config: { mediaType: mediaTypes.config, digest: digestOf(config), size: config.length },
    layers,
    annotations: annotationsOf(manifest),
  });
  const index = json({
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests: [
      {
        mediaType: mediaTypes.manifest,
        artifactType: mediaTypes.artifact,
        digest: digestOf(image),
        size: image.length,
        annotations: { "org.opencontainers.image.ref.name": manifest.version },
      },
    ],
  });
  return {
    layout: json({ imageLayoutVersion: "1.0.0" }),
    index,
    documents: [config, image].map((bytes) => ({ digest: digestOf(bytes), bytes })),
  };
}

/** The path of a blob in the layout. */
export function blobPath(digest: Digest): string {
  return `blobs/${digest.replace(":", "/")}`;
}

function layerType(path: string, isVariant: boolean): string {
  if (isVariant) return "application/vnd.cncf.model.weight.v1.raw";
  if (path.startsWith("test_data_set_") || path.endsWith(".pb")) return "application/vnd.cncf.model.dataset.v1.raw";
  if (path.endsWith(".md") || /^licen[cs]e/i.test(path)) return "application/vnd.cncf.model.doc.v1.raw";
  return "application/vnd.cncf.model.weight.config.v1.raw";
}

function configOf({ about, lineage, ...manifest }: Manifest, files: readonly PackageFile[]) {
  const precisions = [...new Set(manifest.variants.map(({ precision }) => precision))];
  const methods = [...new Set(manifest.variants.map(({ build }) => build.method))].filter(
    (method) => method !== "given",
  );
  return {
    descriptor: {
      name: manifest.model,
      version: manifest.version,
      createdAt: manifest.createdAt,
      ...(about.authors.length > 0 && { authors: about.authors }),
      ...(about.description !== undefined && { description: about.description }),
      ...(about.license !== undefined && { licenses: [about.license] }),
      ...(about.source !== undefined && { sourceURL: about.source }),
      ...(lineage.codeRevision !== undefined && { revision: lineage.codeRevision }),
    },
    config: {
      format: "onnx",
      precision: precisions.length === 1 ? (precisions[0] as string) : "mixed",
      ...(methods.length > 0 && { quantization: methods.join(",") }),
    },
    // Layers are not compressed: what lies in a registry is the very file.
    modelfs: { type: "layers", diffIds: files.map(({ digest }) => digest) },
  };
}

function annotationsOf({ about, lineage, ...manifest }: Manifest): Readonly<Record<string, string>> {
  return {
    "org.opencontainers.image.title": manifest.model,
    "org.opencontainers.image.version": manifest.version,
    "org.opencontainers.image.created": manifest.createdAt,
    ...(about.license !== undefined && { "org.opencontainers.image.licenses": about.license }),
    ...(about.source !== undefined && { "org.opencontainers.image.source": about.source }),
    ...(lineage.codeRevision !== undefined && { "org.opencontainers.image.revision": lineage.codeRevision }),
  };
}

function json(value: unknown): Uint8Array {
  return bytesOfText(JSON.stringify(value));
}

function digestOf(bytes: Uint8Array): Digest {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}` as Digest;
}
