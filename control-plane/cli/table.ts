import type { Paint, Style } from "./terminal.ts";
import { printable } from "./terminal.ts";
import { wrapWords } from "./wrap-words.ts";

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => string;
  readonly align?: "left" | "right";
  readonly style?: (row: Row) => Style | undefined;
}

const gap = "  ";

/** The last column is told over several lines where that much room is left for it; with less it is as long as it is. */
const leastRoom = 24;

/**
 * Aligned columns under their titles, without borders; every line ends with a newline. `empty` stands for a table without rows. Where
 * `width` is given, the last column is broken between words so that lines are no longer than that.
 */
export function formatTable<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  empty: string,
  paint: Paint,
  width = Number.POSITIVE_INFINITY,
): string {
  if (rows.length === 0) return `${empty}\n`;
  const cells = rows.map((row) => columns.map((column) => printable(column.cell(row))));
  const widths = columns.map(({ title }, i) =>
    Math.max(widthOf(title), ...cells.map((line) => widthOf(line[i] as string))),
  );
  const last = columns.length - 1;
  const indent = widths.slice(0, last).reduce((sum, one) => sum + one + gap.length, 0);
  const isBroken = columns[last]?.align !== "right" && width - indent >= leastRoom;
  const line = (texts: readonly string[], style: (column: Column<Row>) => Style | undefined): string => {
    const [first = "", ...rest] = isBroken ? wrapWords(texts[last] ?? "", width - indent) : [texts[last]];
    const cells = columns.map((column, i) => {
      const align = column.align ?? "left";
      // Nothing follows the last one: with spaces up to its width, a terminal would break the line.
      const text = i < last || align === "right" ? pad(texts[i] as string, widths[i] as number, align) : first;
      const chosen = style(column);
      return chosen === undefined || text === "" ? text : paint(chosen, text);
    });
    return [cells.join(gap).trimEnd(), ...rest.map((text) => " ".repeat(indent) + text), ""].join("\n");
  };
  return [
    line(
      columns.map(({ title }) => title),
      () => "dim",
    ),
    ...rows.map((row, r) => line(cells[r] as readonly string[], (column) => column.style?.(row))),
  ].join("");
}

/** Facts about one thing: names in one column, values in the other. Absent values are left out. */
export function formatFacts(facts: readonly (readonly [string, string | undefined])[], paint: Paint): string {
  const present = facts.filter((fact): fact is readonly [string, string] => fact[1] !== undefined);
  const width = Math.max(0, ...present.map(([name]) => widthOf(name)));
  return present
    .map(([name, value]) => `${paint("dim", pad(name, width, "left"))}${gap}${printable(value)}\n`)
    .join("");
}

function pad(text: string, width: number, align: "left" | "right"): string {
  const space = " ".repeat(Math.max(0, width - widthOf(text)));
  return align === "left" ? text + space : space + text;
}

/** In code points: what Sedge prints has no wide characters. */
function widthOf(text: string): number {
  return Array.from(text).length;
}
