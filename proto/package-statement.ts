import { bytesOfDigest, bytesOfText, textOfBytes } from "./bytes.ts";
import type { Digest } from "./ids.ts";
import { isDigest } from "./ids.ts";
import { JsonReader } from "./json-reader.ts";
import { limits } from "./limits.ts";
import { checkPackagePaths } from "./package-path.ts";
import type { Decoded } from "./problems.ts";
import { decoded, Problems, undecodable } from "./problems.ts";

/**
 * What a publisher signs: an in-toto Statement v1 that names every file of a package with its digest, as the OpenSSF Model Signing
 * specification v1.0 lays it out (github.com/ossf/model-signing-spec, method "files", SHA-256). Its own tools verify it too.
 */
export interface PackageStatement {
  /** "<model>@<version>". For people: what counts is the manifest. */
  readonly name: string;
  /** SHA-256 over the digests of all resources, in their order. */
  readonly root: Digest;
  /** Bytes of manifest.json: a device makes room before it fetches it. */
  readonly manifestSize: number;
  /** Every file but the signature itself, in the order of their names. */
  readonly resources: readonly PackageResource[];
}

export interface PackageResource {
  readonly name: string;
  readonly digest: Digest;
}

/** Files with a name of their own. */
export const signatureFile = "model.sig";
export const manifestFile = "manifest.json";

const statementType = "https://in-toto.io/Statement/v1";
const predicateType = "https://model_signing/signature/v1.0";
const sizeAnnotation = "sedge/manifest-size";

/** The resources in the order that the statement needs: by Unicode code points. Paths are ASCII, so that is the order of `<`. */
export function inStatementOrder(resources: readonly PackageResource[]): readonly PackageResource[] {
  return resources.toSorted((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
}

/** The bytes whose SHA-256 is the root digest: the digests one after the other (specification, 6.5.1). */
export function rootOf(resources: readonly PackageResource[]): Uint8Array {
  const bytes = new Uint8Array(32 * resources.length);
  for (const [i, { digest }] of resources.entries()) bytes.set(bytesOfDigest(digest), 32 * i);
  return bytes;
}

export function encodePackageStatement({ name, root, manifestSize, resources }: PackageStatement): Uint8Array {
  return bytesOfText(
    JSON.stringify({
      _type: statementType,
      subject: [{ name, digest: { sha256: hexOfDigest(root) }, annotations: { [sizeAnnotation]: manifestSize } }],
      predicateType,
      predicate: {
        serialization: {
          method: "files",
          hash_type: "sha256",
          allow_symlinks: false,
          ignore_paths: [signatureFile],
        },
        resources: resources.map((resource) => ({
          name: resource.name,
          algorithm: "sha256",
          digest: hexOfDigest(resource.digest),
        })),
      },
    }),
  );
}

/** Reads the exact bytes that were signed; every mistake is named. Call it only after the signature has been verified. */
export function parsePackageStatement(bytes: Uint8Array): Decoded<PackageStatement> {
  const text = textOfBytes(bytes);
  if (text === undefined) return undecodable(["the statement is not UTF-8 text"]);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return undecodable([`the statement is not JSON: ${String(error)}`]);
  }
  const problems = new Problems();
  const root = new JsonReader(json, "", problems);
  root.field("_type").oneOf([statementType]);
  root.field("predicateType").oneOf([predicateType]);
  // What this version does not know could change what the rest means.
  if (problems.any) return undecodable(problems.list);
  const predicate = root.field("predicate");
  checkSerialization(predicate.field("serialization"));
  const resources = predicate.field("resources").list(limits.packageFiles).map(resource);
  checkResources(resources, problems);
  const subjects = root.field("subject").list(1);
  if (subjects.length !== 1) problems.add("subject", "must have exactly one entry");
  const subject = subjects[0] ?? new JsonReader({}, "subject[0]", problems);
  const statement = {
    name: subject.field("name").text(256),
    root: sha256(subject.field("digest").field("sha256")),
    manifestSize: subject.field("annotations").field(sizeAnnotation).count(limits.manifestBytes),
    resources,
  };
  return problems.any ? undecodable(problems.list) : decoded(statement);
}

function checkSerialization(reader: JsonReader): void {
  reader.field("method").oneOf(["files"]);
  reader.field("hash_type").oneOf(["sha256"]);
  if (reader.field("allow_symlinks").flag())
    reader.problems.add(`${reader.path}.allow_symlinks`, "must be false: a package has no symbolic links");
  // Whatever else were ignored would be a file that nobody signed.
  for (const ignored of reader.field("ignore_paths").list(8)) ignored.oneOf([signatureFile]);
}

function resource(reader: JsonReader): PackageResource {
  reader.field("algorithm").oneOf(["sha256"]);
  return { name: reader.field("name").text(256), digest: sha256(reader.field("digest")) };
}

function checkResources(resources: readonly PackageResource[], problems: Problems): void {
  const names = resources.map(({ name }) => name);
  checkPackagePaths(names, (i) => `predicate.resources[${i}].name`, problems);
  for (const [i, name] of names.entries()) {
    const before = names[i - 1];
    if (before !== undefined && before >= name)
      problems.add(`predicate.resources[${i}].name`, `"${name}" does not come after "${before}"`);
    if (name === signatureFile)
      problems.add(`predicate.resources[${i}].name`, `"${name}" is the signature, which cannot cover itself`);
  }
  if (!names.includes(manifestFile)) problems.add("predicate.resources", `there is no ${manifestFile}`);
}

/** in-toto writes a SHA-256 as bare hexadecimal digits. */
function sha256(reader: JsonReader): Digest {
  const hex = reader.textThat(
    (text): text is string => isDigest(`sha256:${text}`),
    "64 lowercase hexadecimal digits, a SHA-256",
  );
  return `sha256:${hex}` as Digest;
}

function hexOfDigest(digest: Digest): string {
  return digest.slice("sha256:".length);
}
