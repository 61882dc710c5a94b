import type { Problems } from "./problems.ts";

/** Names that Windows keeps for devices, whatever stands behind a dot. */
const deviceNames = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)/i;

/**
 * Names of letters, digits, ".", "_", "+" and "-" with "/" between them, none of which begins or ends with a dot or is the name of a
 * device: a path that stays inside its directory, and means the same file, on every system that a package is unpacked on.
 */
export function isPackagePath(path: string): boolean {
  return (
    path.length <= 256 &&
    path
      .split("/")
      .every((part) => /^[A-Za-z0-9_+-](?:[A-Za-z0-9._+-]*[A-Za-z0-9_+-])?$/.test(part) && !deviceNames.test(part))
  );
}

/**
 * Notes what is wrong with the paths of one package. Two files cannot have one name, nor names that differ only in their case; and
 * what is a file cannot be a folder too. `where` says where the path of that index stands.
 */
export function checkPackagePaths(
  paths: readonly string[],
  where: (index: number) => string,
  problems: Problems,
): void {
  const files = new Set<string>();
  for (const [i, path] of paths.entries()) {
    if (!isPackagePath(path)) problems.add(where(i), `"${path}" is not a path inside the package`);
    const folded = path.toLowerCase();
    if (files.has(folded))
      problems.add(where(i), `"${path}" is there twice: small and capital letters do not tell files apart everywhere`);
    files.add(folded);
  }
  for (const [i, path] of paths.entries())
    for (const folder of foldersOf(path.toLowerCase()))
      if (files.has(folder)) problems.add(where(i), `"${folder}" is a file, so "${path}" cannot be in it`);
}

/** Example: "a/b/c" lies in "a" and "a/b". */
function foldersOf(path: string): readonly string[] {
  const parts = path.split("/");
  return parts.slice(1).map((_part, i) => parts.slice(0, i + 1).join("/"));
}
