/**
 * Between rows and the domain's values. Device rows of a fleet repeat a few texts (profiles, labels, reported states), and the
 * rollout controller reads all of them at each turn, so parsed texts are kept and shared; they are frozen because of that.
 */
const keptCharacters = 8_192;
/** Texts of one generation: more than the different labels and reports of ten thousand devices, or each pass would parse them all again. */
const keptTexts = 16_384;
/**
 * And characters of all of them, with room for reports of ten thousand devices of a kilobyte: parsed, a text takes several times its length, and one
 * device that reports something else every time would have a gigabyte kept of what it said.
 */
const keptCharactersOfAll = 16 * 1_024 * 1_024;
/** What was asked for since the last change of generations, and what only before it. */
let young = new Map<string, unknown>();
let old = new Map<string, unknown>();
let youngCharacters = 0;

/** The value of a `…_json` column. Our own writing: it is trusted to have the type. */
export function fromJson<T>(text: string): T {
  const known = young.get(text);
  if (known !== undefined) return known as T;
  const value = old.get(text) ?? deepFreeze(JSON.parse(text) as unknown);
  if (text.length <= keptCharacters) keep(text, value);
  return value as T;
}

function keep(text: string, value: unknown): void {
  if (young.size >= keptTexts || youngCharacters + text.length > keptCharactersOfAll) {
    old = young;
    young = new Map();
    youngCharacters = 0;
  }
  young.set(text, value);
  youngCharacters += text.length;
}

export function fromOptionalJson<T>(text: string | null): T | undefined {
  return text === null ? undefined : fromJson<T>(text);
}

export function toJson(value: unknown): string {
  return JSON.stringify(value);
}

export function toOptionalJson(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

export function fromNull<T>(value: T | null): T | undefined {
  return value ?? undefined;
}

export function toNull<T>(value: T | undefined): T | null {
  return value ?? null;
}

function deepFreeze(value: unknown): unknown {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFreeze(part);
  }
  return value;
}
