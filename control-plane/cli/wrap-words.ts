/**
 * Breaks text between words so that no line is wider than `columns`; lines after the first are indented. A word that is wider than
 * the room for it is left whole: digests and addresses are for copying. A no-break space is no space between words.
 *
 * Example: wrapWords("a gate has failed", 8, "  ") is ["a gate", "  has", "  failed"].
 */
export function wrapWords(text: string, columns: number, indent = ""): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/[^\S\u00a0]+/).filter((part) => part !== "")) {
    const room = lines.length === 0 ? columns : columns - indent.length;
    if (line !== "" && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].map((whole, i) => (i === 0 ? whole : indent + whole));
}
