import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Manifest } from "../../proto/manifest.ts";
import type { VersionComparison } from "../domain/version-comparison/compare-versions.ts";
import type { RunComparison } from "../packaging/comparison/compare-runs.ts";
import { digestOf } from "../packaging/variant-file.ts";
import type { ApiClient } from "./api-client.ts";
import type { CompareArguments } from "./compare-arguments.ts";
import type { CompareOptions } from "./compare-files.ts";
import { compareFiles } from "./compare-files.ts";
import { CommandError, exitCodes, usageError } from "./exit-codes.ts";
import type { Session } from "./session.ts";

export interface StoredComparison extends VersionComparison {
  /** Each pair of variants on the same samples, run on this machine; undefined without samples. */
  readonly runs: readonly VariantRuns[] | undefined;
}

export interface VariantRuns extends RunComparison {
  /** The ids of the variants. */
  readonly variants: { readonly a: string; readonly b: string };
}

/** What the control plane knows of two versions, and with --inputs what their files do here, side by side. */
export async function compareStored(
  session: Session,
  asked: Extract<CompareArguments, { readonly kind: "stored" }>,
  options: CompareOptions,
): Promise<StoredComparison> {
  const api = await session.connect();
  const comparison = await api.compareVersions(asked.model, asked.a, asked.b);
  if (options.inputs === undefined) return { ...comparison, runs: undefined };
  const pairs = variantPairs(comparison, options.variant);
  const [a, b] = [
    (await api.model(asked.model, comparison.a.version)).manifest,
    (await api.model(asked.model, comparison.b.version)).manifest,
  ];
  const directory = await mkdtemp(join(tmpdir(), "sedge-compare-"));
  try {
    const runs: VariantRuns[] = [];
    for (const variants of pairs) {
      const fileA = await fetchVariant(api, a, variants.a, join(directory, `a-${variants.a}.onnx`));
      const fileB = await fetchVariant(api, b, variants.b, join(directory, `b-${variants.b}.onnx`));
      const { runs: compared } = await compareFiles(session, fileA, fileB, options, { a, b });
      if (compared !== undefined) runs.push({ variants, ...compared });
    }
    return { ...comparison, runs };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** `--variant int8`, `--variant int8=fp32` (of A and of B), or all that have one name in both. */
function variantPairs(
  { a, b, variants }: VersionComparison,
  wanted: string | undefined,
): readonly VariantRuns["variants"][] {
  const of = (side: "a" | "b") => variants.filter((pair) => pair[side] !== undefined).map(({ id }) => id);
  const choices = `${a.version} has ${of("a").join(", ")}; ${b.version} has ${of("b").join(", ")}`;
  if (wanted !== undefined) {
    const [first = "", second = first] = wanted.split("=", 2);
    if (of("a").includes(first) && of("b").includes(second)) return [{ a: first, b: second }];
    throw usageError(`--variant ${wanted}: there is no such variant on both sides: ${choices}; write NAME or A=B`);
  }
  const common = of("a").filter((id) => of("b").includes(id));
  if (common.length > 0) return common.map((id) => ({ a: id, b: id }));
  throw usageError(`no variant has the same name in both versions: ${choices}; choose with --variant A=B`);
}

async function fetchVariant(api: ApiClient, manifest: Manifest, id: string, file: string): Promise<string> {
  const variant = manifest.variants.find((one) => one.id === id);
  if (variant === undefined)
    throw new CommandError(exitCodes.failed, `the manifest of ${manifest.version} does not name "${id}"`);
  const chunks: Uint8Array[] = [];
  for await (const chunk of await api.artifact(variant.file.digest)) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  if (digestOf(bytes) !== variant.file.digest)
    throw new CommandError(
      exitCodes.failed,
      `the file of ${id} that ${api.server} sent is not the one in its manifest`,
    );
  await writeFile(file, bytes, { mode: 0o600 });
  return file;
}
