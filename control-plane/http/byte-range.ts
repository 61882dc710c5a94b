/** What of a file is to be sent: `from` inclusive, `to` exclusive. */
export type ByteRange =
  | { readonly kind: "whole" }
  | { readonly kind: "part"; readonly from: number; readonly to: number }
  | { readonly kind: "unsatisfiable" };

/**
 * Reads a Range header for a file of `size` bytes (RFC 9110 §14.2). Several ranges, other units and what does not parse are
 * ignored, as the RFC allows: the whole file is a right answer to them.
 *
 * Example, size 10: `bytes=2-4` is 2 to 5, `bytes=8-` is 8 to 10, `bytes=-3` is 7 to 10, `bytes=10-` is unsatisfiable.
 */
export function byteRange(header: string | undefined, size: number): ByteRange {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? "");
  const [first, last] = [match?.[1] ?? "", match?.[2] ?? ""];
  if (match === null || (first === "" && last === "")) return { kind: "whole" };
  if (first === "") {
    const length = Math.min(Number(last), size);
    return length === 0 ? { kind: "unsatisfiable" } : { kind: "part", from: size - length, to: size };
  }
  const from = Number(first);
  const to = last === "" ? size : Math.min(Number(last) + 1, size);
  if (last !== "" && Number(last) < from) return { kind: "whole" };
  return from >= size ? { kind: "unsatisfiable" } : { kind: "part", from, to };
}
