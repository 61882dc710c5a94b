import { decodeGoldenSet } from "../../proto/codec/golden.ts";
import type { Digest } from "../../proto/ids.ts";
import { limits } from "../../proto/limits.ts";
import type { FileReference, Manifest, TensorSpec } from "../../proto/manifest.ts";
import { parseManifest } from "../../proto/manifest-parser.ts";
import type { GoldenSet, Tensor } from "../../proto/messages.ts";
import type { Decoded } from "../../proto/problems.ts";
import { decoded, Problems, undecodable } from "../../proto/problems.ts";
import { decodeEnvelope, payloadTypes } from "../../proto/statements.ts";
import type { TrustedKey } from "./signing.ts";
import { signerOf } from "./signing.ts";
import { digestOf, inspectOrNote, tensorSpec } from "./variant-file.ts";

export interface VerifiedPackage {
  /** Digest of the envelope. */
  readonly digest: Digest;
  readonly manifest: Manifest;
  /** Key id of the publisher who signed it. */
  readonly publisher: string;
}

/** The uploaded file of that digest; undefined when it has not been uploaded. */
export type ReadPackageFile = (file: FileReference) => Promise<Uint8Array | undefined>;

/**
 * Decides whether an uploaded package may enter the catalogue. The signature comes first: nothing inside an envelope is believed, or
 * even parsed, before a known publisher has been found to have signed it. Then every mistake is named, not only the first.
 */
export async function verifyPackage(
  envelope: Uint8Array,
  readFile: ReadPackageFile,
  publishers: readonly TrustedKey[],
): Promise<Decoded<VerifiedPackage>> {
  const signed = openEnvelope(envelope, publishers);
  if (!signed.ok) return signed;
  const parsed = parseManifest(signed.value.payload);
  if (!parsed.ok) return parsed;
  const manifest = parsed.value;
  const problems = new Problems();
  await checkGolden(manifest, readFile, problems);
  for (const [i, variant] of manifest.variants.entries()) {
    const path = `variants[${i}] (${variant.id})`;
    const bytes = await readChecked(variant.file, path, readFile, problems);
    if (bytes !== undefined) checkVariant(manifest, bytes, path, problems);
  }
  if (problems.any) return undecodable(problems.list);
  return decoded({ digest: digestOf(envelope), manifest, publisher: signed.value.publisher });
}

function openEnvelope(
  bytes: Uint8Array,
  publishers: readonly TrustedKey[],
): Decoded<{ readonly payload: Uint8Array; readonly publisher: string }> {
  if (bytes.length > limits.manifestBytes)
    return undecodable([`the signed manifest has ${bytes.length} bytes, more than ${limits.manifestBytes}`]);
  const envelope = decodeEnvelope(bytes);
  if (!envelope.ok) return envelope;
  const { payloadType, payload, signatures } = envelope.value;
  if (payloadType !== payloadTypes.package)
    return undecodable([`the envelope holds "${payloadType}", not "${payloadTypes.package}"`]);
  const signer = signerOf(envelope.value, publishers);
  if (signer !== undefined) return decoded({ payload, publisher: signer.keyId });
  const keys = signatures.map(({ keyId }) => keyId).join(", ");
  const known = publishers.some(({ keyId }) => signatures.some((signature) => signature.keyId === keyId));
  return undecodable([
    known
      ? `the signature of ${keys} does not match the manifest: it was changed after signing`
      : `no known publisher signed the package (it names the key ${keys}); add the publisher's public key first`,
  ]);
}

async function readChecked(
  file: FileReference,
  path: string,
  readFile: ReadPackageFile,
  problems: Problems,
): Promise<Uint8Array | undefined> {
  const bytes = await readFile(file);
  if (bytes === undefined) problems.add(path, `the file ${file.digest} has not been uploaded`);
  else if (bytes.length !== file.size) problems.add(path, `the file has ${bytes.length} bytes, not ${file.size}`);
  else if (digestOf(bytes) !== file.digest)
    problems.add(path, `the file's digest is ${digestOf(bytes)}, not ${file.digest}`);
  else return bytes;
  return undefined;
}

function checkVariant(manifest: Manifest, bytes: Uint8Array, path: string, problems: Problems): void {
  const inspection = inspectOrNote(bytes, path, problems);
  if (inspection === undefined) return;
  checkTensors(inspection.inputs.map(tensorSpec), manifest.inputs, `${path}.inputs`, problems);
  checkTensors(inspection.outputs.map(tensorSpec), manifest.outputs, `${path}.outputs`, problems);
}

function checkTensors(
  found: readonly TensorSpec[],
  promised: readonly TensorSpec[],
  path: string,
  problems: Problems,
): void {
  for (const tensor of promised) {
    const actual = found.find(({ name }) => name === tensor.name);
    if (actual === undefined) problems.add(path, `the model has no "${tensor.name}"`);
    else if (actual.dataType !== tensor.dataType || !sameShape(actual.shape, tensor.shape))
      problems.add(
        path,
        `"${tensor.name}" is ${actual.dataType}[${actual.shape.join(", ")}] in the model and ${tensor.dataType}[${tensor.shape.join(", ")}] in the manifest`,
      );
  }
  for (const { name } of found)
    if (!promised.some((tensor) => tensor.name === name)) problems.add(path, `the manifest does not name "${name}"`);
}

/** Variants may name their free dimensions otherwise. */
function sameShape(a: TensorSpec["shape"], b: TensorSpec["shape"]): boolean {
  return (
    a.length === b.length &&
    a.every((size, i) => size === b[i] || (typeof size === "string" && typeof b[i] === "string"))
  );
}

async function checkGolden(manifest: Manifest, readFile: ReadPackageFile, problems: Problems): Promise<void> {
  const bytes = await readChecked(manifest.golden, "golden", readFile, problems);
  const golden = bytes === undefined ? undefined : decodeGoldenSet(bytes);
  if (golden === undefined) return;
  if (golden.ok) checkCases(manifest, golden.value, problems);
  else for (const problem of golden.problems) problems.add("golden", problem);
}

function checkCases(manifest: Manifest, { cases }: GoldenSet, problems: Problems): void {
  if (cases.length === 0) problems.add("golden", "there is no case");
  for (const [i, { inputs, outputs }] of cases.entries()) {
    if (!sameNames(inputs, manifest.inputs)) problems.add(`golden.cases[${i}].inputs`, "are not those of the model");
    if (!sameNames(outputs, manifest.outputs)) problems.add(`golden.cases[${i}].outputs`, "are not those of the model");
  }
}

function sameNames(tensors: readonly Tensor[], specs: readonly TensorSpec[]): boolean {
  return tensors.length === specs.length && specs.every(({ name }) => tensors.some((tensor) => tensor.name === name));
}
