import { expect, test } from "vitest";
import type { Column } from "../../../../control-plane/cli/table.ts";
import { formatFacts, formatTable } from "../../../../control-plane/cli/table.ts";
import type { Paint } from "../../../../control-plane/cli/terminal.ts";

const plain: Paint = (_style, text) => text;

interface Row {
  readonly name: string;
  readonly count: number;
}
const columns: readonly Column<Row>[] = [
  { title: "NAME", cell: ({ name }) => name },
  { title: "COUNT", align: "right", cell: ({ count }) => String(count), style: () => "red" },
  { title: "NOTE", cell: ({ count }) => (count > 5 ? "many" : "") },
];

test("columns are as wide as their widest cell, and no line ends with spaces", () => {
  const rows = [
    { name: "cam-1", count: 3 },
    { name: "a-long-name", count: 12_000 },
  ];
  expect(formatTable(rows, columns, "none", plain)).toBe(
    ["NAME         COUNT  NOTE", "cam-1            3", "a-long-name  12000  many", ""].join("\n"),
  );
});

test("on a terminal the last column is broken between words, under its title", () => {
  const texts: readonly Column<Row>[] = [
    { title: "NAME", cell: ({ name }) => name },
    { title: "WHAT HAPPENED", cell: () => "it was updated, and is well as far as it knows" },
  ];
  expect(formatTable([{ name: "cam-1", count: 1 }], texts, "", plain, 32)).toBe(
    ["NAME   WHAT HAPPENED", "cam-1  it was updated, and is", "       well as far as it knows", ""].join("\n"),
  );
});

test("a title in colour has no spaces behind it", () => {
  const marked: Paint = (_style, text) => `<${text}>`;
  const [title] = formatTable([{ name: "x", count: 9 }], columns, "", marked).split("\n");
  expect(title).toBe("<NAME>  <COUNT>  <NOTE>");
});

test("colours go around the padded cell, so that they do not move the columns", () => {
  const marked: Paint = (style, text) => (style === "red" ? `<${text}>` : text);
  expect(formatTable([{ name: "x", count: 1 }], columns, "none", marked)).toContain("x     <    1>");
});

test("without rows it says what to do", () => {
  expect(formatTable([], columns, "no devices yet", plain)).toBe("no devices yet\n");
});

test("text of devices cannot speak to the terminal", () => {
  const table = formatTable([{ name: "\u001B[2Jcam\n\u202E", count: 1 }], columns, "none", plain);
  expect(table).not.toContain("\u001B");
  expect(table.split("\n")).toHaveLength(3);
});

test("facts are aligned, and absent ones left out", () => {
  const facts = [
    ["device", "cam-1"],
    ["last seen", undefined],
    ["labels", "site=lyon"],
  ] as const;
  expect(formatFacts(facts, plain)).toBe("device  cam-1\nlabels  site=lyon\n");
});
