/** Text for a serial console: plain ASCII in lines of at most 80 characters. */
export const consoleColumns = 80;

/** What is not printable ASCII is shown by its code: a name from elsewhere must not move the cursor. */
export function asciiOf(text: string): string {
  return text
    .replaceAll("\u00b7", "-")
    .replaceAll("\u2026", "...")
    .replaceAll(/[^ -~]/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/**
 * Breaks text between words so that no line is longer than `columns`, with `first` before the first line and as many spaces before
 * the others. A word that is too long for a line is cut.
 */
export function wrapped(first: string, text: string, columns: number = consoleColumns): readonly string[] {
  const room = Math.max(16, columns - first.length);
  const lines: string[] = [];
  let line = "";
  for (const word of asciiOf(text)
    .split(" ")
    .flatMap((long) => cutEvery(long, room))) {
    if (line !== "" && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines.map((one, i) => `${i === 0 ? first : " ".repeat(first.length)}${one}`.trimEnd());
}

function cutEvery(word: string, length: number): readonly string[] {
  const parts: string[] = [];
  for (let at = 0; at === 0 || at < word.length; at += length) parts.push(word.slice(at, at + length));
  return parts;
}

/** Example: 12,345,678 is "12.3 MB". */
export function sizeText(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1_000 && unit < units.length - 1) {
    value /= 1_000;
    unit++;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${value.toFixed(digits)} ${units[unit] ?? ""}`;
}
