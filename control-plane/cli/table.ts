import type { Paint, Style } from "./terminal.ts";
import { printable } from "./terminal.ts";

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => string;
  readonly align?: "left" | "right";
  readonly style?: (row: Row) => Style | undefined;
}

const gap = "  ";

/** Aligned columns under their titles, without borders; every line ends with a newline. `empty` stands for a table without rows. */
export function formatTable<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  empty: string,
  paint: Paint,
): string {
  if (rows.length === 0) return `${empty}\n`;
  const cells = rows.map((row) => columns.map((column) => printable(column.cell(row))));
  const widths = columns.map(({ title }, i) =>
    Math.max(widthOf(title), ...cells.map((line) => widthOf(line[i] as string))),
  );
  const line = (texts: readonly string[], style: (column: Column<Row>) => Style | undefined): string =>
    `${columns
      .map((column, i) => {
        const padded = pad(texts[i] as string, widths[i] as number, column.align ?? "left");
        const chosen = style(column);
        return chosen === undefined ? padded : paint(chosen, padded);
      })
      .join(gap)
      .trimEnd()}\n`;
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
