import { mkdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { signatureFile } from "../../proto/package-statement.ts";
import { readModelSpec } from "../packaging/model-spec.ts";
import { writeDirectoryAtomically, writeFileAtomically } from "../packaging/write-atomically.ts";
import { usageError } from "./exit-codes.ts";
import { makePackage } from "./make-package.ts";
import { ownPublisherKey } from "./own-publisher-key.ts";
import type { Session } from "./session.ts";
import { formatSize } from "./sizes.ts";

export interface PackOptions {
  readonly out: string;
  readonly key?: string;
  readonly baseVersion?: string;
}

export async function packModel(session: Session, specFile: string, options: PackOptions): Promise<void> {
  const { out } = options;
  if ((await stat(out).catch(() => undefined)) !== undefined)
    throw usageError(`${out} is there already: name a directory that is not`);
  const spec = await readModelSpec(specFile);
  const key = await ownPublisherKey(session, options.key);
  const { files, bundle, digest, manifest, warnings } = await makePackage(session, spec, key, options.baseVersion);
  await writeDirectoryAtomically(
    out,
    async (inside) => {
      for (const { path, bytes } of [...files, { path: signatureFile, bytes: bundle }]) {
        await mkdir(dirname(join(inside, path)), { recursive: true });
        await writeFileAtomically(join(inside, path), bytes, session.signal);
      }
    },
    session.signal,
  );
  const bytes = files.reduce((sum, { size }) => sum + size, bundle.length);
  const document = {
    out,
    model: manifest.model,
    version: manifest.version,
    package: digest,
    files: files.length + 1,
    bytes,
    warnings,
  };
  session.show(
    document,
    () => `${out}  ${manifest.model}@${manifest.version}, ${files.length + 1} files, ${formatSize(bytes)}\n`,
  );
  session.tell(`Verify it with: sedge model verify ${out}`);
  session.tell(`Store it with:  sedge model push ${out}`);
}
