/** Lines that are drawn again in place. What was drawn last stays when the program ends. */
export interface LiveScreen {
  draw(lines: readonly string[]): void;
}

const escape = "\u001B[";
const colourSequence = new RegExp(`${"\u001B"}\\[[0-9;]*m`, "y");

export function createLiveScreen(write: (text: string) => void, columns: () => number, rows: () => number): LiveScreen {
  let drawn = 0;
  return {
    draw(lines) {
      // A line that wraps would take two rows of the terminal, and the next picture would start too low. Of one that is higher than the
      // terminal, the cursor could not come back to the first line.
      const room = Math.max(2, rows() - 1);
      const shown = lines.length <= room ? lines : [...lines.slice(0, room - 1), "…"];
      const cut = shown.map((line) => cutToWidth(line, columns()));
      const up = drawn > 0 ? `${escape}${drawn}A` : "";
      // Each line is cleared to its end, and then everything below, for a picture that became shorter.
      write(`${up}\r${cut.map((line) => `${line}${escape}K\n`).join("")}${escape}J`);
      drawn = cut.length;
    },
  };
}

/** At most `columns` characters wide; colour sequences take no room, and are closed when the cut would leave one open. */
export function cutToWidth(line: string, columns: number): string {
  let width = 0;
  let kept = "";
  let coloured = false;
  for (let i = 0; i < line.length;) {
    colourSequence.lastIndex = i;
    const colour = colourSequence.exec(line)?.[0];
    if (colour !== undefined) {
      kept += colour;
      coloured = true;
      i += colour.length;
      continue;
    }
    const character = String.fromCodePoint(line.codePointAt(i) as number);
    if (width === columns) return coloured ? `${kept}${escape}0m` : kept;
    kept += character;
    width++;
    i += character.length;
  }
  return kept;
}
