import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Manifest, Variant } from "../../proto/manifest.ts";
import { parseManifest } from "../../proto/manifest-parser.ts";
import { manifestFile } from "../../proto/package-statement.ts";
import type { BaseScales } from "../packaging/make-variant.ts";
import type { FindBaseScales } from "../packaging/make-variants.ts";
import { decodeModel } from "../packaging/onnx/decode.ts";
import { scalesOf } from "../packaging/quantization/stored-weight-names.ts";
import { readModelFile } from "../packaging/read-model-file.ts";
import { digestOf } from "../packaging/variant-file.ts";
import { CommandError, exitCodes } from "./exit-codes.ts";
import { parseModelReference } from "./model-reference.ts";
import type { Session } from "./session.ts";

/** Methods that store integers with a scale for each channel. */
const scaledMethods: readonly string[] = ["static-int8", "dynamic-int8", "weights-int8", "given"];

/**
 * The scales of the parent version: out of a quantized file, a packed directory, or a version in the control plane (digits@1). A variant
 * gets those of the parent's variant of the same name, or else of one that was made in the same way.
 */
export async function baseScalesFrom(session: Session, reference: string): Promise<FindBaseScales> {
  const found = await stat(reference).catch(() => undefined);
  if (found?.isFile() === true) {
    const scales = scalesOf(decodeModel(await readModelFile(reference, session.signal)));
    return () => scales;
  }
  const parent = found === undefined ? await inControlPlane(session, reference) : await inDirectory(reference);
  const known: { readonly variant: Variant; readonly scales: BaseScales }[] = [];
  for (const variant of parent.manifest.variants) {
    if (!scaledMethods.includes(variant.build.method)) continue;
    const bytes = await parent.read(variant);
    if (digestOf(bytes) !== variant.file.digest)
      throw new CommandError(
        exitCodes.failed,
        `${reference}: the file of ${variant.id} is not the one in its manifest`,
      );
    known.push({ variant, scales: scalesOf(decodeModel(bytes)) });
  }
  return ({ id, method }) =>
    (known.find(({ variant }) => variant.id === id) ?? known.find(({ variant }) => variant.build.method === method))
      ?.scales;
}

interface ParentPackage {
  readonly manifest: Manifest;
  read(variant: Variant): Promise<Uint8Array>;
}

async function inControlPlane(session: Session, reference: string): Promise<ParentPackage> {
  const { model, version } = parseModelReference(reference);
  const api = await session.connect();
  const { manifest } = await api.model(model, version);
  return {
    manifest,
    async read({ file }) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of await api.artifact(file.digest)) chunks.push(chunk);
      return Buffer.concat(chunks);
    },
  };
}

async function inDirectory(directory: string): Promise<ParentPackage> {
  const bytes = await readFile(join(directory, manifestFile)).catch((cause: unknown) => {
    const message = `${directory} is no packed directory: it has no ${manifestFile}`;
    throw new CommandError(exitCodes.failed, message, [], { cause });
  });
  const parsed = parseManifest(bytes);
  if (!parsed.ok)
    throw new CommandError(exitCodes.failed, `${join(directory, manifestFile)} cannot be used:`, parsed.problems);
  const manifest = parsed.value;
  return {
    manifest,
    async read({ id, file }) {
      const path = manifest.files.find(({ digest }) => digest === file.digest)?.path ?? `variants/${id}.onnx`;
      return readFile(join(directory, path));
    },
  };
}
