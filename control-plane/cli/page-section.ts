import type { Paint } from "./terminal.ts";
import { printable } from "./terminal.ts";
import { wrapWords } from "./wrap-words.ts";

/** A title and its lines below, wrapped between words; a no-break space keeps together what belongs together. */
export function section(title: string, lines: readonly string[], columns: number, paint: Paint): string {
  const body = lines.flatMap((line) =>
    wrapWords(printable(line), Math.max(40, columns - 2)).map((one, i) => (i === 0 ? one : `  ${one}`)),
  );
  return `${paint("dim", title)}\n${body.map((line) => `  ${line.replaceAll("\u00a0", " ")}\n`).join("")}`;
}
