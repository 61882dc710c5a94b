import { usageError } from "./exit-codes.ts";

/** `site=lyon` → ["site", "lyon"]. */
export function parseKeyValue(text: string): readonly [string, string] {
  const equals = text.indexOf("=");
  if (equals < 1) throw usageError(`"${text}" is not KEY=VALUE`);
  return [text.slice(0, equals), text.slice(equals + 1)];
}

/** Label changes as they are written on the command line: `site=lyon` sets, `site-` takes away. */
export function parseLabelChanges(texts: readonly string[]): Readonly<Record<string, string | null>> {
  return Object.fromEntries(
    texts.map((text) => (/^[^=]+-$/.test(text) ? ([text.slice(0, -1), null] as const) : parseKeyValue(text))),
  );
}

/** For commander: an option that may be given several times. */
export function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}
