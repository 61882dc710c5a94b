import { createHash, generateKeyPairSync } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { PackageContent, SealedPackage } from "../../control-plane/packaging/package-format/seal-package.ts";
import { sealPackage } from "../../control-plane/packaging/package-format/seal-package.ts";
import type { PublisherKey } from "../../control-plane/packaging/publisher-key.ts";
import { keyIdOf } from "../../control-plane/packaging/publisher-key.ts";
import type { Digest } from "../../proto/ids.ts";
import type { Manifest, Variant } from "../../proto/manifest.ts";
import { signatureFile } from "../../proto/package-statement.ts";
import { aManifest } from "./manifests.ts";
import { doubling, modelBytes, x } from "./tiny-models.ts";

export function aPublisher(): PublisherKey {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const spki = publicKey.export({ type: "spki", format: "der" });
  return { keyId: keyIdOf(spki), publicKey: spki.toString("base64"), privateKey };
}

/** A whole package around a model of a few hundred bytes: it takes "x" and gives "y", twice of it. */
export function aContent(changes: Partial<Manifest> = {}): PackageContent {
  const bytes = modelBytes(doubling);
  const base = aManifest();
  const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}` as Digest;
  const shape = [1];
  const manifest: PackageContent["manifest"] = {
    ...base,
    inputs: [{ name: "x", dataType: "float32", shape }],
    outputs: [{ name: "y", dataType: "float32", shape }],
    features: [],
    interpretation: { kind: "regression", output: "y" },
    variants: [{ ...(base.variants[0] as Variant), id: "fp32", file: { digest, size: bytes.length } }],
    reference: {
      rows: 2,
      streams: [{ kind: "numeric", name: "output.value", edges: [1], counts: [1, 1], missing: 0 }],
    },
    ...changes,
  };
  const cases = [1, 2].map((value) => ({
    inputs: x(value),
    outputs: x(2 * value).map((tensor) => ({ ...tensor, name: "y" })),
  }));
  return { manifest, golden: { cases }, files: [{ path: "variants/fp32.onnx", bytes }] };
}

export function aSealedPackage(key: PublisherKey, changes: Partial<Manifest> = {}): SealedPackage {
  return sealPackage(aContent(changes), key);
}

export async function writePackage(directory: string, { files, bundle }: SealedPackage): Promise<void> {
  for (const { path, bytes } of [...files, { path: signatureFile, bytes: bundle }]) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), bytes);
  }
}
