import { limits } from "../../../proto/limits.ts";
import type { Sample } from "../../../proto/telemetry-messages.ts";
import { sealing } from "../../../proto/sealing.ts";

/** What one record takes of a sealed sample. */
const mostOfPart = limits.samplePartBytes + sealing.tagBytes;

/**
 * The records that carry a sample: itself, or, where it is larger than one message, parts of what was sealed as a whole. Each part
 * bears the whole head, and only all of them together can be opened.
 *
 * Example: 150,000 sealed bytes travel as parts of 61,456, 61,456 and 27,088 bytes.
 */
export function partsOf(sample: Sample): readonly Sample[] {
  const { ephemeralKey, ciphertext } = sample.sealed;
  const of = Math.ceil(ciphertext.length / mostOfPart);
  if (of <= 1) return [sample];
  return Array.from({ length: of }, (_, i) => ({
    ...sample,
    sealed: { ephemeralKey, ciphertext: ciphertext.subarray(i * mostOfPart, (i + 1) * mostOfPart) },
    part: { index: i + 1, of },
  }));
}

/** How many records a sample of so many bytes takes. */
export function partCountOf(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / limits.samplePartBytes));
}
