/** One npm package that the .deb carries; `identifier` as its package.json has it (SPDX). */
export interface LicensedPart {
  readonly name: string;
  readonly version: string;
  readonly identifier?: string | null;
  /** Its licence file; absent where the package has none. */
  readonly text?: string | null;
}

export interface CopyrightOptions {
  /** The project's own licence. */
  readonly own: string;
  /** The licence file of the Node in the package; undefined where it does not lie beside it. */
  readonly node: string | undefined;
  readonly parts: readonly LicensedPart[];
}

export class NoLicenceError extends Error {
  override readonly name = "NoLicenceError";
}

const ownDirectory = "Where the package brings the text, it lies in the package's own directory.";

/** /usr/share/doc/sedge-agent/copyright: everything that the .deb carries, and under which terms (Debian Policy 12.5). */
export function copyrightText({ own, node, parts }: CopyrightOptions): string {
  const nameless = parts.filter(({ identifier, text }) => !identifier && !text).map(({ name }) => name);
  if (nameless.length > 0)
    throw new NoLicenceError(`under which licence they come is not known of: ${nameless.join(", ")}`);
  const elsewhere = "MIT and others: see the file LICENSE of the Node.js release, at https://github.com/nodejs/node";
  const section = (title: string, text: string) => `${"=".repeat(78)}\n${title}\n\n${text.trim()}\n`;
  return [
    section("Sedge", own),
    section("Node.js: /usr/lib/sedge-agent/node", node ?? elsewhere),
    ...parts
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name, version, identifier, text }) =>
        section(`${name} ${version}${identifier ? `: ${identifier}` : ""}`, text ?? ownDirectory),
      ),
  ].join("\n");
}
