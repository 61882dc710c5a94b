import { readModelSpec } from "../packaging/model-spec.ts";
import type { PublisherKey } from "../packaging/publisher-key.ts";
import type { ApiClient } from "./api-client.ts";
import { CommandError, exitCodes } from "./exit-codes.ts";
import { makePackage } from "./make-package.ts";
import type { SealedFile } from "../packaging/package-format/seal-package.ts";
import { ownPublisherKey } from "./own-publisher-key.ts";
import { progressBar } from "./progress-bar.ts";
import type { Session } from "./session.ts";
import { formatSize } from "./sizes.ts";

/** Packages and signs here, then sends what the control plane does not have: the files first, the signature that names them last. */
export async function pushModel(
  session: Session,
  specFile: string,
  keyFlag: string | undefined,
  baseFile?: string,
): Promise<void> {
  const spec = await readModelSpec(specFile);
  const api = await session.connect();
  await refuseSecondPush(api, spec.name, spec.version);
  const key = await ownPublisherKey(session, keyFlag);
  await makeKnown(session, api, key);

  session.tell(`Packaging ${spec.name}@${spec.version} …`);
  const made = await makePackage(session, spec, key, baseFile);
  await sendFiles(session, api, made.files);
  const stored = await api.pushModel(made.bundle);
  session.show(stored, () => `${stored.model}@${stored.version}  ${stored.package}\n`);
  session.tell(`Roll it out with: sedge rollout start ${stored.model}@${stored.version}`);
}

async function sendFiles(session: Session, api: ApiClient, files: readonly SealedFile[]): Promise<void> {
  const progress = progressBar(session.terminal, session.now);
  let sent = 0;
  let bytes = 0;
  progress.begin("sending", files.length);
  for (const [i, file] of files.entries()) {
    if (!(await api.hasArtifact(file.digest))) {
      await api.putArtifact(file.digest, file.bytes);
      sent += 1;
      bytes += file.size;
    }
    progress.advance(i + 1);
  }
  progress.end();
  session.tell(`Sent ${sent} of ${files.length} files, ${formatSize(bytes)}; the others were there already.`);
}

/** Said before minutes are spent on packaging; the control plane has the last word. */
async function refuseSecondPush(api: ApiClient, model: string, version: string): Promise<void> {
  const known = (await api.models()).some((other) => other.model === model && other.version === version);
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
