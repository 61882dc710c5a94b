const references: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * Foreign text inside Markdown, on one line, shown as it was typed: what HTML could read becomes a character reference, what Markdown
 * could read gets a backslash, and what a terminal or a browser would act on (control characters, turns of the writing direction)
 * becomes visible.
 *
 * Example: `<b> *a*` becomes `&lt;b&gt; \*a\*`.
 */
export function inText(text: string): string {
  return visible(text)
    .replace(/[\\`*_{}[\]|~$]/g, "\\$&")
    .replace(/[&<>"']/g, (character) => references[character] as string)
    .replace(/^[-+#=]/, "\\$&")
    .replace(/^(\d+)([.)])/, "$1\\$2");
}

/** The same in the look of code. */
export function inCode(text: string): string {
  return `<code>${inText(text)}</code>`;
}

/** Cells are taken as they are: escape what is foreign. */
export function markdownTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(titles), line(titles.map(() => "---")), ...rows.map(line)].join("\n");
}

function visible(text: string): string {
  return (
    text
      .replace(/\s+/g, " ")
      .trim()
      // oxlint-disable-next-line no-control-regex
      .replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/g, "\u{fffd}")
  );
}
