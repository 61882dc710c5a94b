import { stat } from "node:fs/promises";
import type { Command } from "commander";
import { Option } from "commander";
import type { Digest } from "../../../proto/ids.ts";
import { parseDigest } from "../../../proto/ids.ts";
import { limits } from "../../../proto/limits.ts";
import { manifestFile, parsePackageStatement } from "../../../proto/package-statement.ts";
import { decodeBundle } from "../../../proto/signature-bundle.ts";
import type { ExportFormat, PackageSource } from "../../packaging/export/export-package.ts";
import { allFilesOf, exportFormats, exportPackage } from "../../packaging/export/export-package.ts";
import type { ApiClient } from "../api-client.ts";
import { CommandError, exitCodes, usageError } from "../exit-codes.ts";
import { parseModelReference } from "../model-reference.ts";
import { progressBar } from "../progress-bar.ts";
import type { Surroundings } from "../session.ts";
import { openSession } from "../session.ts";
import { formatSize } from "../sizes.ts";

interface ExportOptions {
  readonly out: string;
  readonly format: ExportFormat;
}

export function addModelExport(model: Command, surroundings: Surroundings): void {
  model
    .command("export <model@version>")
    .description(
      "write a version with its signature into a new directory, as files or as an OCI image layout (ModelPack)",
    )
    .requiredOption("--out <directory>", "directory to make")
    .addOption(new Option("--format <format>", "what to write").choices([...exportFormats]).default("directory"))
    .action(async (reference: string, { out, format }: ExportOptions, command: Command) => {
      const session = openSession(surroundings, command);
      const { model: name, version } = parseModelReference(reference);
      if ((await stat(out).catch(() => undefined)) !== undefined)
        throw usageError(`${out} is there already: name a directory that is not`);
      const source = await sourceOf(await session.connect(), name, version);
      await exportPackage(source, format, out, progressBar(session.terminal, session.now), session.signal);
      const bytes = source.files.reduce((sum, { size }) => sum + size, 0);
      session.show(
        { out, format, files: source.files.length, bytes },
        () => `${out}  ${source.files.length} files, ${formatSize(bytes)}\n`,
      );
      session.tell(
        format === "directory"
          ? `Verify it with: sedge model verify ${out}`
          : `Send it to a registry with, for example: oras cp --from-oci-layout ${out}:${version} REGISTRY/${name}:${version}`,
      );
    });
}

async function sourceOf(api: ApiClient, name: string, version: string): Promise<PackageSource> {
  const { package: named, manifest } = await api.model(name, version);
  const digest = parseDigest(named);
  const bundle = await wholeOf(await api.artifact(digest));
  const opened = decodeBundle(bundle);
  const statement = opened.ok ? parsePackageStatement(opened.value.statement.payload) : opened;
  if (!statement.ok)
    throw new CommandError(exitCodes.failed, `the signature of ${name}@${version} cannot be read`, statement.problems);
  const signed = statement.value.resources.find((resource) => resource.name === manifestFile);
  if (signed === undefined)
    throw new CommandError(exitCodes.failed, `the signature of ${name}@${version} does not name ${manifestFile}`);
  const file = { path: manifestFile, digest: signed.digest, size: statement.value.manifestSize };
  return {
    manifest,
    files: allFilesOf(manifest, file, { digest, size: bundle.length }),
    read: (wanted: Digest) => api.artifact(wanted),
  };
}

async function wholeOf(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.length;
    if (length > limits.bundleBytes)
      throw new CommandError(exitCodes.failed, `the signature has more than ${limits.bundleBytes} bytes`);
    parts.push(chunk);
  }
  return Buffer.concat(parts);
}
