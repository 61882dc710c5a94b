import { bytesOfText } from "../../proto/bytes.ts";
import type { LeftOut } from "./judged-variant.ts";
import type { VariantReport } from "./measure-variants.ts";

/** `report.json` of a package: how each variant did, and what was left out and why. */
export function encodeReport(variants: readonly VariantReport[], leftOut: readonly LeftOut[]): Uint8Array {
  return bytesOfText(`${JSON.stringify({ variants, leftOut }, undefined, 2)}\n`);
}
