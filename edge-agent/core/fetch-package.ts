import type { Digest, ModelName } from "../../proto/ids.ts";
import { limits } from "../../proto/limits.ts";
import type { ChunkedFile, FileReference } from "../../proto/manifest.ts";
import type { StepOf } from "./agent-step.ts";
import { deltaBaseOf, downloadAsDelta } from "./delta-download.ts";
import { ContradictoryHashesError, DamagedFileError, download } from "./download.ts";
import { dropGarbage } from "./drop-garbage.ts";
import { checkManifest, checkSignature } from "./package-check.ts";
import type { FileStore, Ports } from "./ports.ts";
import { DigestMismatchError, NoSpaceError } from "./ports.ts";
import type { StepContext } from "./step-context.ts";
import type { UpdateEvent } from "./update-state.ts";
import { assignedTo, stageAfterPreflight, variantFor } from "./variant-of-update.ts";

/** Brings the files that this device needs of a package, in the order in which each says what the next must be. */
export async function* fetchPackage(
  { model, target }: StepOf<"fetch-package">,
  context: StepContext,
  signal: AbortSignal,
): AsyncIterable<UpdateEvent> {
  const { ports, room, pace } = context;
  using _claim = { [Symbol.dispose]: () => room.release(model) };
  if (target.packageSize > limits.bundleBytes) {
    yield {
      kind: "rejected",
      reason: `the package's signature has ${target.packageSize} bytes, more than ${limits.bundleBytes}`,
    };
    return;
  }
  try {
    const fetched = async (file: ChunkedFile) => {
      await download(file, { ...ports, pace }, context.delays(), signal);
      return await readOrRemove(ports, file.digest);
    };
    const expected = { model, ...target };
    const bundleFile = { digest: target.package, size: target.packageSize };
    await room.claim(model, [bundleFile]);
    await waitForTurn(model, target.package, context, signal);
    const bundle = await fetched(bundleFile);
    const signature = await checkSignature(bundle, expected, ports.crypto, ports.trust.publishers);
    if (signature.kind === "refused") {
      yield { kind: "rejected", reason: signature.reason };
      return;
    }
    const { statement } = signature;
    await room.claim(model, [statement.manifest]);
    const check = await checkManifest(await fetched(statement.manifest), statement, expected, ports.crypto);
    if (check.kind === "refused") {
      yield { kind: "rejected", reason: check.reason };
      return;
    }
    const choice = variantFor(model, check.manifest, target.package, context);
    if (choice.kind === "none") {
      const reasons = choice.reasons.join(" · ");
      yield choice.wasTried
        ? { kind: "failed", reason: `no variant is left: ${reasons}` }
        : { kind: "rejected", reason: `no variant runs on this device: ${reasons}` };
      return;
    }
    const { id, file } = choice.variant;
    const occasion = stageAfterPreflight(model, target.package, context) === "shadow" ? "shadow" : "update";
    const noMemory = await context.memory.refusalOf(model, choice.variant, occasion);
    if (noMemory !== undefined) {
      yield { kind: "rejected", reason: `no memory: ${noMemory}` };
      return;
    }
    // Of signature and manifest the room is as good as nothing; before the first byte of all that is large it must be there.
    const wanted = [bundleFile, statement.manifest, check.manifest.golden, file];
    await room.claimAll(model, wanted, () => dropGarbage(context));
    await fetched(check.manifest.golden);
    const base =
      deltaBaseOf(context.keeper.state.models.find((known) => known.model === model)) ??
      context.service.serving(model)[0]?.slot.file;
    const claim = (delta: FileReference) => room.claim(model, [delta]);
    await downloadAsDelta(file, base, { ...ports, pace, claim }, context.delays(), signal);
    await room.claimAll(model, wanted, () => dropGarbage(context));
    // What comes now is hashed as it comes, and once more before it is started: it need not be read again in between.
    if (await ports.files.has(file.digest)) await verifyOrRemove(ports, file.digest);
    await download(file, { ...ports, pace }, context.delays(), signal);
    const { version, package: digest } = target;
    yield { kind: "verified", slot: { version, package: digest, variant: id, file: file.digest } };
  } catch (error) {
    const end = endOf(error);
    if (end === undefined) throw error;
    yield end;
  }
}

/** What no later attempt mends ends the update. */
function endOf(error: unknown): UpdateEvent | undefined {
  if (error instanceof NoSpaceError) return { kind: "rejected", reason: `no space: ${error.message}` };
  if (error instanceof ContradictoryHashesError) return { kind: "rejected", reason: error.message };
  if (error instanceof DamagedFileError) return { kind: "failed", reason: error.message };
  return undefined;
}

/** A stage of many devices does not begin in one instant: each waits for a moment of its own. What has begun goes on at once. */
async function waitForTurn(model: ModelName, digest: Digest, context: StepContext, signal: AbortSignal): Promise<void> {
  const { keeper, ports } = context;
  const spreadMs = assignedTo(model, digest, keeper)?.spreadMs ?? 0;
  if (spreadMs > 0 && (await ports.files.bytesOf(digest)) === 0)
    await ports.clock.sleep(ports.random.next() * spreadMs, signal);
}

/** A file that rotted on the disk must go, or its name would keep it from being fetched again. */
async function readOrRemove({ files }: Ports, digest: Digest): Promise<Uint8Array> {
  return await files.read(digest).catch(removeDamaged(files, digest));
}

/** Rejects when it was damaged, as when it is missing. */
export async function verifyOrRemove({ files }: Pick<Ports, "files">, digest: Digest): Promise<void> {
  await files.verify(digest).catch(removeDamaged(files, digest));
}

function removeDamaged(files: FileStore, digest: Digest): (error: unknown) => Promise<never> {
  return async (error) => {
    if (error instanceof DigestMismatchError) await files.remove(digest);
    throw error;
  };
}
