import { counted } from "../domain/rollout/format-figure.ts";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { readModelSpec } from "../packaging/model-spec.ts";
import type { PublisherKey } from "../packaging/publisher-key.ts";
import type { ApiClient } from "./api-client.ts";
import { CommandError, exitCodes } from "./exit-codes.ts";
import { makePackage } from "./make-package.ts";
import { verifyDirectory } from "../packaging/package-format/verify-directory.ts";
import type { Digest } from "../../proto/ids.ts";
import { trustedKeys } from "./trusted-keys.ts";
import { ownPublisherKey } from "./own-publisher-key.ts";
import { progressBar } from "./progress-bar.ts";
import type { Session } from "./session.ts";
import { formatSize } from "./sizes.ts";

/** Sends what the control plane does not have: the files first, the signature that names them last. Packages and signs here before. */
export async function pushModel(
  session: Session,
  source: string,
  keyFlag: string | undefined,
  baseFile?: string,
): Promise<void> {
  const isPacked = (await stat(source).catch(() => undefined))?.isDirectory() === true;
  const { files, bundle, api } = isPacked
    ? await packed(session, source, keyFlag)
    : await packaged(session, source, keyFlag, baseFile);
  await sendFiles(session, api, files);
  const stored = await api.pushModel(bundle);
  session.show(stored, () => `${stored.model}@${stored.version}  ${stored.package}\n`);
  session.tell(`Roll it out with: sedge rollout start ${stored.model}@${stored.version}`);
}

interface ToSend {
  readonly files: readonly FileToSend[];
  readonly bundle: Uint8Array;
  readonly api: ApiClient;
}

interface FileToSend {
  readonly digest: Digest;
  readonly size: number;
  read(): Promise<Uint8Array>;
}

async function packaged(
  session: Session,
  specFile: string,
  keyFlag: string | undefined,
  baseFile: string | undefined,
): Promise<ToSend> {
  const spec = await readModelSpec(specFile);
  const api = await session.connect();
  await refuseSecondPush(api, spec.name, spec.version);
  const key = await ownPublisherKey(session, keyFlag);
  await makeKnown(session, api, key);
  session.tell(`Packaging ${spec.name}@${spec.version} …`);
  const { files, bundle } = await makePackage(session, spec, key, baseFile);
  return { files: files.map(({ digest, size, bytes }) => ({ digest, size, read: async () => bytes })), bundle, api };
}

/** A packed directory was signed before, by anybody whom the control plane trusts: it says whether it does. */
async function packed(session: Session, directory: string, keyFlag: string | undefined): Promise<ToSend> {
  const api = await session.connect();
  const own = keyFlag === undefined ? await api.publishers() : await trustedKeys(session, [keyFlag]);
  const { files, bundle, manifest } = await verifyDirectory(directory, own, session.signal);
  await refuseSecondPush(api, manifest.model, manifest.version);
  const read = (path: string) => readFile(join(directory, path));
  return { files: files.map(({ path, digest, size }) => ({ digest, size, read: () => read(path) })), bundle, api };
}

async function sendFiles(session: Session, api: ApiClient, files: readonly FileToSend[]): Promise<void> {
  const progress = progressBar(session.terminal, session.now);
  let sent = 0;
  let bytes = 0;
  progress.begin("sending", files.length);
  for (const [i, file] of files.entries()) {
    if (!(await api.hasArtifact(file.digest))) {
      await api.putArtifact(file.digest, await file.read());
      sent += 1;
      bytes += file.size;
    }
    progress.advance(i + 1);
  }
  progress.end();
  session.tell(
    `Sent ${sent} of ${counted(files.length, "file")}, ${formatSize(bytes)}; the others were there already.`,
  );
}

/** Said before minutes are spent on packaging; the control plane has the last word. */
async function refuseSecondPush(api: ApiClient, model: string, version: string): Promise<void> {
  const known = (await api.models("all")).some((other) => other.model === model && other.version === version);
  if (known)
    throw new CommandError(
      exitCodes.failed,
      `${model}@${version} is there already, and versions never change: raise the version in the YAML file`,
    );
}

/** The first publisher of a control plane is whoever pushes first; after that, an operator decides. */
async function makeKnown(session: Session, api: ApiClient, key: PublisherKey): Promise<void> {
  const known = await api.publishers();
  if (known.some(({ keyId }) => keyId === key.keyId)) return;
  if (known.length > 0)
    throw new CommandError(
      exitCodes.failed,
      `your key ${key.keyId} is not one of the publishers of ${api.server} (${known.map(({ keyId }) => keyId).join(", ")}); ` +
        "push with one of theirs (--key), or let an operator run `sedge publisher add`",
    );
  await api.addPublisher(key.publicKey);
  session.tell(`${api.server} had no publisher yet: your key ${key.keyId} is its first.`);
}
