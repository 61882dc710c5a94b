import { stat } from "node:fs/promises";
import { isModelName, isModelVersion } from "../../proto/ids.ts";
import { usageError } from "./exit-codes.ts";

/** What `sedge model compare` was given: two files, or two stored versions of one model, each named by version or alias. */
export type CompareArguments =
  | { readonly kind: "files"; readonly a: string; readonly b: string }
  | { readonly kind: "stored"; readonly model: string; readonly a: string; readonly b: string };

/** A file that is there is a file, whatever its name. Throws CommandError (usage) for two that are not of one kind. */
export async function readCompareArguments(a: string, b: string): Promise<CompareArguments> {
  const [ofA, ofB] = [await referenceIn(a), await referenceIn(b)];
  if (ofA === undefined && ofB === undefined) return { kind: "files", a, b };
  if (ofA === undefined || ofB === undefined) {
    const [stored, file] = ofA === undefined ? [b, a] : [a, b];
    throw usageError(
      `"${stored}" names a stored version and "${file}" a file: name two versions or two files; ` +
        `\`sedge model export ${stored} --out DIR\` writes the files of a version`,
    );
  }
  if (ofA.model !== ofB.model)
    throw usageError(`"${a}" and "${b}" are versions of different models: name two versions of one`);
  return { kind: "stored", model: ofA.model, a: ofA.name, b: ofB.name };
}

async function referenceIn(text: string): Promise<{ readonly model: string; readonly name: string } | undefined> {
  const at = text.lastIndexOf("@");
  const [model, name] = [text.slice(0, at), text.slice(at + 1)];
  if (at <= 0 || !isModelName(model) || !isModelVersion(name)) return undefined;
  return (await stat(text).catch(() => undefined)) === undefined ? { model, name } : undefined;
}
