import { isModelName, isModelVersion } from "../../proto/ids.ts";
import { usageError } from "./exit-codes.ts";

/** `digits@2` → digits and 2. */
export function parseModelReference(text: string): { readonly model: string; readonly version: string } {
  const at = text.lastIndexOf("@");
  const [model, version] = [text.slice(0, at), text.slice(at + 1)];
  if (at > 0 && isModelName(model) && isModelVersion(version)) return { model, version };
  throw usageError(`"${text}" is not MODEL@VERSION, such as digits@2`);
}
