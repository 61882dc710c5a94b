import { limits } from "./limits.ts";
import type { Decoded } from "./problems.ts";
import { decoded, undecodable } from "./problems.ts";

/**
 * Which inferences somebody wants samples of. The same text stands on the command line and in a message; whoever gets it reads it with
 * `parseSampleCondition`.
 *
 *     condition = test { "and" test }
 *     test      = "class" ( "=" word | "in" "(" word { "," word } ")" )
 *               | name ( "<" number | ">" number )
 *               | name ( "within" | "outside" ) number ".." number
 *               | ( name | "any" ) "is" ( "far-outside" | "stuck" | "not-finite" | "missing" )
 *     name      = "confidence", "value" or "length" of the output; else a feature of the input
 *     word      = letters, digits and . _ : / @ + -, or anything but a quotation mark between quotation marks
 *
 * A feature that is called like an output is `input.confidence`. The ends of a range belong to it. A row without a number passes neither
 * comparison nor range; `any is` is passed where one of the features is.
 *
 * Example: `class in (3, 8) and confidence < 0.6 and brightness outside 0.1..0.9`.
 */
export type SampleCondition = string & { readonly [isCondition]: true };

declare const isCondition: unique symbol;

export type SampleTest =
  | { readonly kind: "class"; readonly labels: readonly string[] }
  | { readonly kind: "below" | "above"; readonly stream: string; readonly limit: number }
  | { readonly kind: "within" | "outside"; readonly stream: string; readonly low: number; readonly high: number }
  /** Undefined: any of the features. */
  | { readonly kind: "found"; readonly stream: string | undefined; readonly finding: Finding };

export const findings = ["far-outside", "stuck", "not-finite", "missing"] as const;
export type Finding = (typeof findings)[number];

export function isSampleCondition(text: string): text is SampleCondition {
  return parseSampleCondition(text).ok;
}

/** Every mistake with its column, from 1; after one, reading goes on behind the next `and`. All tests must be passed. */
export function parseSampleCondition(text: string): Decoded<readonly SampleTest[]> {
  if (text.length > limits.sampleConditionCharacters)
    return undecodable([`${text.length} characters are more than ${limits.sampleConditionCharacters}`]);
  const mistakes: string[] = [];
  const tokens = tokensOf(text, mistakes);
  const tests: SampleTest[] = [];
  for (const part of partsOf(tokens, text.length + 1)) {
    const test = testOf(part);
    if (typeof test === "string") mistakes.push(test);
    else tests.push(test);
  }
  return mistakes.length > 0 ? undecodable(mistakes) : decoded(tests);
}

interface Token {
  /** Of words that are quoted, the text between the quotation marks. */
  readonly text: string;
  readonly isQuoted: boolean;
  readonly column: number;
}

interface Part {
  readonly tokens: readonly Token[];
  /** Where what is missing in it would stand. */
  readonly end: number;
}

function tokensOf(text: string, mistakes: string[]): readonly Token[] {
  const tokens: Token[] = [];
  const pattern = /\s+|([=<>(),])|"([^"]*)"|([A-Za-z0-9._:/@+-]+)|(.)/gsu;
  for (const match of text.matchAll(pattern)) {
    const column = match.index + 1;
    const [, sign, quoted, word, foreign] = match;
    if (foreign === '"') mistakes.push(`column ${column}: this quotation mark is never closed`);
    else if (foreign !== undefined) mistakes.push(`column ${column}: "${foreign}" means nothing in a condition`);
    const found = sign ?? quoted ?? word;
    if (found !== undefined) tokens.push({ text: found, isQuoted: quoted !== undefined, column });
  }
  return tokens;
}

function partsOf(tokens: readonly Token[], end: number): readonly Part[] {
  const parts: Part[] = [];
  let start = 0;
  for (let i = 0; i <= tokens.length; i++) {
    const token = tokens[i];
    if (token !== undefined && (token.isQuoted || token.text !== "and")) continue;
    parts.push({ tokens: tokens.slice(start, i), end: token?.column ?? end });
    start = i + 1;
  }
  return parts;
}

/** A mistake is text. */
function testOf({ tokens, end }: Part): SampleTest | string {
  const [name, how, ...rest] = tokens;
  if (name === undefined) return `column ${end}: a test is missing, such as confidence < 0.6`;
  if (!isWord(name)) return `column ${name.column}: "${name.text}" is no name`;
  if (how === undefined || how.isQuoted || name.text === "")
    return `column ${(how ?? { column: end }).column}: ${shapes}`;
  switch (how.text) {
    case "=":
    case "in":
      if (name.isQuoted || name.text !== "class")
        return `column ${name.column}: only class is compared with words, and "${name.text}" with numbers`;
      return classTest(how.text === "=" ? rest : listIn(rest), how);
    case "<":
    case ">":
      return comparison(streamOf(name), how, rest, end);
    case "within":
    case "outside":
      return rangeTest(streamOf(name), how, rest, end);
    case "is": {
      const [what, more] = rest;
      const finding = findings.find((one) => one === what?.text);
      if (what === undefined || finding === undefined || more !== undefined)
        return `column ${(what ?? { column: end }).column}: after "is" stands one of ${findings.join(", ")}`;
      return { kind: "found", stream: !name.isQuoted && name.text === "any" ? undefined : streamOf(name), finding };
    }
    default:
      return `column ${how.column}: ${shapes}`;
  }
}

const shapes =
  "a test is NAME < NUMBER, NAME > NUMBER, NAME within LOW..HIGH, NAME outside LOW..HIGH, NAME is FINDING, class = WORD or class in (WORD, …)";

/** The words of a list between its brackets; undefined where it is none. */
function listIn(tokens: readonly Token[]): readonly Token[] | undefined {
  const isList = tokens[0]?.text === "(" && tokens.at(-1)?.text === ")" && tokens.length % 2 === 1;
  const inside = tokens.slice(1, -1);
  if (!isList || inside.some((token, i) => i % 2 === 1 && (token.isQuoted || token.text !== ","))) return undefined;
  return inside.filter((_, i) => i % 2 === 0);
}

function classTest(words: readonly Token[] | undefined, how: Token): SampleTest | string {
  const isOne = how.text === "=" && words?.length !== 1;
  if (words === undefined || words.length === 0 || isOne || !words.every(isWord))
    return `column ${how.column}: classes are named like this: class = 7, or class in (7, 9)`;
  return { kind: "class", labels: words.map(({ text }) => text) };
}

function comparison(stream: string, how: Token, [number, more]: readonly Token[], end: number): SampleTest | string {
  const limit = numberIn(number);
  if (limit === undefined || more !== undefined)
    return `column ${(limit === undefined ? number : more)?.column ?? end}: one number follows "${how.text}"`;
  return { kind: how.text === "<" ? "below" : "above", stream, limit };
}

function rangeTest(stream: string, how: Token, [range, more]: readonly Token[], end: number): SampleTest | string {
  const [low, high, third] = (range?.text ?? "").split("..").map((text) => numberOf(text));
  const isRange = range !== undefined && !range.isQuoted && low !== undefined && high !== undefined && low <= high;
  if (!isRange || third !== undefined || more !== undefined)
    return `column ${range?.column ?? end}: a range follows "${how.text}", such as 0.1..0.9`;
  return { kind: how.text === "within" ? "within" : "outside", stream, low, high };
}

/** The name of the stream in the reference profile. */
function streamOf({ text, isQuoted }: Token): string {
  if (/^(input|output)\../.test(text)) return text;
  return !isQuoted && outputNames.has(text) ? `output.${text}` : `input.${text}`;
}

const outputNames: ReadonlySet<string> = new Set(["confidence", "value", "length"]);

function isWord({ text, isQuoted }: Token): boolean {
  return isQuoted || !/^[=<>(),]$/.test(text);
}

function numberIn(token: Token | undefined): number | undefined {
  return token === undefined || token.isQuoted ? undefined : numberOf(token.text);
}

function numberOf(text: string): number | undefined {
  const value = /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}
