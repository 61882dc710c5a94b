import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import type { Digest } from "../../../proto/ids.ts";
import { isDigest } from "../../../proto/ids.ts";
import { limits } from "../../../proto/limits.ts";
import { checkPackagePaths } from "../../../proto/package-path.ts";
import { Problems } from "../../../proto/problems.ts";
import { mebibytes } from "../../../proto/units.ts";
import { blobPath } from "../export/oci-layout.ts";
import { writeFileAtomically } from "../write-atomically.ts";
import { FetchError } from "./fetch-limited.ts";

const digest = z.string().refine((text): text is Digest => isDigest(text), "must be a SHA-256 digest");
const descriptor = z.object({
  mediaType: z.string(),
  digest,
  size: z.int().nonnegative(),
  annotations: z.record(z.string(), z.string()).default({}),
});
const indexSchema = z.object({ manifests: z.array(descriptor) });
const imageSchema = z.object({
  artifactType: z.string().optional(),
  layers: z.array(descriptor).max(limits.packageFiles + 1),
});
type Layer = z.infer<typeof descriptor>;

const documentBytes = mebibytes(8);
const modelPack = "application/vnd.cncf.model.manifest.v1+json";
const filepath = "org.cncf.model.filepath";

/**
 * Writes the files of the one ModelPack artifact in an OCI image layout into `inside`, each checked against the digest that names it,
 * and answers their paths. Rejects with FetchError.
 */
export async function copyLayers(layout: string, inside: string, signal: AbortSignal): Promise<readonly string[]> {
  const index = parsed(indexSchema, await readLimited(join(layout, "index.json")), "index.json");
  const [first, ...others] = index.manifests;
  if (first === undefined || others.length > 0)
    throw new FetchError(
      `${layout} holds ${index.manifests.length} images, and one is needed: copy it into a layout of its own`,
    );
  const bytes = await readLimited(join(layout, blobPath(first.digest)));
  const found = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  if (found !== first.digest) throw new FetchError(`the image manifest is ${found}, not ${first.digest}`);
  const image = parsed(imageSchema, bytes, "the image manifest");
  if (image.artifactType !== modelPack)
    throw new FetchError(
      `the image is "${image.artifactType ?? first.mediaType}", not a ModelPack model (${modelPack})`,
    );
  const paths = pathsOf(image.layers);
  for (const [i, layer] of image.layers.entries()) {
    const target = join(inside, paths[i] as string);
    await mkdir(dirname(target), { recursive: true });
    await writeFileAtomically(target, checked(join(layout, blobPath(layer.digest)), layer, signal), signal);
  }
  return paths;
}

function pathsOf(layers: readonly Layer[]): readonly string[] {
  const problems = new Problems();
  const paths = layers.map((layer, i) => {
    if (!layer.mediaType.endsWith(".raw"))
      problems.add(
        `layers[${i}]`,
        `is ${layer.mediaType}: only files that are neither archived nor compressed are read`,
      );
    return layer.annotations[filepath] ?? "";
  });
  checkPackagePaths(paths, (i) => `layers[${i}].annotations`, problems);
  if (problems.any) throw new FetchError(problems.list.join("\n"));
  return paths;
}

async function* checked(
  path: string,
  { digest: wanted, size }: Layer,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha256");
  let length = 0;
  for await (const chunk of createReadStream(path, { signal }) as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > size) throw new FetchError(`the blob ${wanted} has more than ${size} bytes`);
    hash.update(chunk);
    yield chunk;
  }
  const found = `sha256:${hash.digest("hex")}`;
  if (found !== wanted) throw new FetchError(`the blob ${wanted} was changed: its digest is ${found}`);
}

async function readLimited(path: string): Promise<Uint8Array> {
  const entry = await lstat(path).catch((cause: unknown) => {
    throw new FetchError(`${path} is missing: this is no complete OCI image layout`, { cause });
  });
  if (!entry.isFile() || entry.size > documentBytes)
    throw new FetchError(`${path} is no file of at most ${documentBytes} bytes`);
  return readFile(path);
}

function parsed<T>(schema: z.ZodType<T>, bytes: Uint8Array, what: string): T {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch (cause) {
    throw new FetchError(`${what} is not JSON`, { cause });
  }
  const read = schema.safeParse(json);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new FetchError(`${what} cannot be used: ${issue?.path.join(".")}: ${issue?.message}`);
}
