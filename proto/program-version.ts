/** A version of a program: numbers with dots, and behind a hyphen what came before the version proper. */
export function isProgramVersion(text: string): text is string {
  return text.length <= 64 && /^\d+(\.\d+){0,3}(-[0-9A-Za-z.-]+)?$/.test(text);
}

/**
 * True when `version` is `least` or newer. Numbers that are not there are 0, and what stands behind a hyphen is older than the version
 * itself. A text that is no version counts as older than every one.
 *
 * Examples: 1.10.0 is at least 1.9; 2.0.0-rc.1 is not at least 2.0.0.
 */
export function isAtLeast(version: string, least: string): boolean {
  if (!isProgramVersion(version)) return false;
  const [have, need] = [version, least].map(partsOf) as [VersionParts, VersionParts];
  for (let i = 0; i < 4; i++) {
    const difference = (have.numbers[i] ?? 0) - (need.numbers[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return have.isWhole || !need.isWhole;
}

interface VersionParts {
  readonly numbers: readonly number[];
  readonly isWhole: boolean;
}

function partsOf(text: string): VersionParts {
  const [numbers = ""] = text.split("-", 1);
  return { numbers: numbers.split(".").map(Number), isWhole: numbers === text };
}
