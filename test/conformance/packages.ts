import { fileURLToPath } from "node:url";
import type { GivenVariantSpec } from "../../control-plane/packaging/model-spec.ts";
import { readModelSpec } from "../../control-plane/packaging/model-spec.ts";
import { packageModel } from "../../control-plane/packaging/package-model.ts";
import type { Digest } from "../../proto/ids.ts";
import { parseModelVersion } from "../../proto/ids.ts";
import type { ModelAssignment } from "../../proto/assignment-messages.ts";
import { digitsDirectory } from "../fixtures/read-digits.ts";
import { sha256Of } from "../support/packages.ts";
import type { SideKey } from "./control-side.ts";

/** A signed package of a real model, and what an assignment says of it. */
export interface ConformancePackage {
  readonly assignment: Pick<ModelAssignment, "model" | "version" | "package" | "packageSize">;
  /** All of its files, its signature too. */
  readonly files: ReadonlyMap<Digest, Uint8Array>;
  readonly variant: Digest;
}

/** Runs everywhere, or nowhere. */
type VariantFor = "everybody" | "nobody";

/** A digit reader, as float32: version 1 fits into one block, version 2 does not. A variant is called as whom it is for. */
export async function digitsPackage(
  version: "1" | "2",
  publisher: SideKey,
  variantsFor: readonly VariantFor[] = ["everybody"],
): Promise<ConformancePackage> {
  const first = await readModelSpec(fileURLToPath(new URL("digits-1.yaml", digitsDirectory)));
  const file = fileURLToPath(new URL(`digits-${version}.onnx`, digitsDirectory));
  const [given] = first.variants ?? [];
  const variants = variantsFor.map((id) => ({
    ...(given as GivenVariantSpec),
    id,
    file,
    ...(id === "nobody" && { requires: { architectures: ["pdp-11"], cpuFlags: [], memoryBytes: 0 } }),
  }));
  const spec = { ...first, version: parseModelVersion(version), variants };
  const made = await packageModel(spec, publisher, { createdAtMs: 1_000 }, new AbortController().signal);
  const files = new Map(
    [made.bundle, ...made.files.map(({ bytes }) => bytes)].map((bytes) => [sha256Of(bytes), bytes]),
  );
  const [variant] = made.manifest.variants;
  if (variant === undefined) throw new Error("the package has no variant");
  const { model } = made.manifest;
  return {
    assignment: { model, version: spec.version, package: sha256Of(made.bundle), packageSize: made.bundle.length },
    files,
    variant: variant.file.digest,
  };
}
