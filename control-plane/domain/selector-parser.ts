import { decoded, undecodable } from "../../proto/problems.ts";
import type { Decoded } from "../../proto/problems.ts";
import type { Selector } from "./selector.ts";
import { selectorKeywords } from "./selector.ts";

/**
 * Reads the text of a selector. Every mistake is named with its column (from 1): after one, reading goes on at the next `and`,
 * `or` or `)`.
 *
 *     any    = every { "or" every }
 *     every  = one { "and" one }
 *     one    = "not" one | "(" any ")" | "all" | word test
 *     test   = "=" word | "!=" word | [ "not" ] "in" "(" word { "," word } ")"
 *     word   = letters, digits and . _ : / @ + -, or anything but a quotation mark between quotation marks
 */
export function parseSelector(text: string): Decoded<Selector> {
  const mistakes: string[] = [];
  const tokens = tokenize(text, mistakes);
  if (tokens.length === 0 && mistakes.length === 0)
    return undecodable(['column 1: the selector is empty; write "all" for every device']);
  const reader = new TokenReader(tokens, text.length + 1, mistakes);
  const selector = readAny(reader, 0);
  for (let rest = reader.peek(); rest !== undefined; rest = reader.peek()) {
    reader.mistake(`"${rest.text}" is unexpected here`);
    reader.take();
    reader.skipOperand();
    if (reader.accepts("and") || reader.accepts("or")) readAny(reader, 0);
  }
  return mistakes.length > 0 ? undecodable(mistakes) : decoded(selector);
}

interface Token {
  readonly kind: "word" | "quoted" | "sign";
  readonly text: string;
  readonly column: number;
}

/** Deeper nesting is a mistake: it would use up the stack. */
const maxDepth = 50;

function tokenize(text: string, mistakes: string[]): Token[] {
  const tokens: Token[] = [];
  const pattern = /\s+|(!=|[=(),])|"([^"]*)"|([A-Za-z0-9._:/@+-]+)|(.)/gsu;
  for (const match of text.matchAll(pattern)) {
    const column = match.index + 1;
    const [, sign, quoted, word, foreign] = match;
    if (sign !== undefined) tokens.push({ kind: "sign", text: sign, column });
    else if (quoted !== undefined) tokens.push({ kind: "quoted", text: quoted, column });
    else if (word !== undefined) tokens.push({ kind: "word", text: word, column });
    else if (foreign === '"') mistakes.push(`column ${column}: this quotation mark is never closed`);
    else if (foreign !== undefined) mistakes.push(`column ${column}: "${foreign}" means nothing in a selector`);
  }
  return tokens;
}

class TokenReader {
  readonly #tokens: readonly Token[];
  readonly #end: number;
  readonly #mistakes: string[];
  #next = 0;

  constructor(tokens: readonly Token[], end: number, mistakes: string[]) {
    this.#tokens = tokens;
    this.#end = end;
    this.#mistakes = mistakes;
  }

  peek(): Token | undefined {
    return this.#tokens[this.#next];
  }

  take(): Token | undefined {
    return this.#tokens[this.#next++];
  }

  /** Takes the next token when it is this keyword or sign. */
  accepts(text: string): boolean {
    const token = this.peek();
    if (token === undefined || token.kind === "quoted" || token.text !== text) return false;
    this.#next += 1;
    return true;
  }

  mistake(what: string): void {
    this.#mistakes.push(`column ${this.peek()?.column ?? this.#end}: ${what}`);
  }

  /** After a mistake: on to what may follow an operand. */
  skipOperand(): void {
    for (let token = this.peek(); token !== undefined; token = this.peek()) {
      if (token.kind !== "quoted" && ["and", "or", ")"].includes(token.text)) return;
      this.#next += 1;
    }
  }
}

/** Stands where nothing could be read: it never leaves the parser, because a mistake was noted. */
const unread: Selector = { kind: "all" };

function readAny(reader: TokenReader, depth: number): Selector {
  const operands = [readEvery(reader, depth)];
  while (reader.accepts("or")) operands.push(readEvery(reader, depth));
  return joined("or", operands);
}

function readEvery(reader: TokenReader, depth: number): Selector {
  const operands = [readOne(reader, depth)];
  while (reader.accepts("and")) operands.push(readOne(reader, depth));
  return joined("and", operands);
}

function joined(kind: "and" | "or", operands: readonly Selector[]): Selector {
  const [only] = operands;
  return operands.length === 1 && only !== undefined ? only : { kind, operands };
}

function readOne(reader: TokenReader, depth: number): Selector {
  if (depth > maxDepth) return failed(reader, `more than ${maxDepth} levels of "(" and "not"`);
  if (reader.accepts("not")) return { kind: "not", operand: readOne(reader, depth + 1) };
  if (reader.accepts("all")) return { kind: "all" };
  if (reader.accepts("(")) {
    const inner = readAny(reader, depth + 1);
    return reader.accepts(")") ? inner : failed(reader, 'expected ")", "and" or "or"');
  }
  const key = readWord(reader, 'a label, "all", "not" or "("');
  return key === undefined ? unread : readTest(reader, key);
}

function readTest(reader: TokenReader, key: string): Selector {
  if (reader.accepts("=")) return choice(key, oneOf(readWord(reader, `the value of "${key}"`)));
  if (reader.accepts("!="))
    return { kind: "not", operand: choice(key, oneOf(readWord(reader, `a value of "${key}"`))) };
  if (reader.accepts("in")) return choice(key, readValues(reader));
  if (reader.accepts("not")) {
    if (!reader.accepts("in")) return failed(reader, `expected "in" after "${key} not"`);
    return { kind: "not", operand: choice(key, readValues(reader)) };
  }
  return failed(reader, `expected "=", "!=", "in" or "not in" after "${key}"`);
}

function choice(key: string, values: readonly string[]): Selector {
  return { kind: "in", key, values };
}

function oneOf(word: string | undefined): readonly string[] {
  return word === undefined ? [] : [word];
}

function readValues(reader: TokenReader): readonly string[] {
  if (!reader.accepts("(")) {
    failed(reader, 'expected "(" and values separated by ","');
    return [];
  }
  const values: string[] = [];
  do {
    const value = readWord(reader, "a value");
    if (value === undefined) {
      // The list's own ")" must not end the group around it.
      reader.accepts(")");
      return values;
    }
    values.push(value);
  } while (reader.accepts(","));
  if (!reader.accepts(")")) failed(reader, 'expected "," or ")"');
  return values;
}

function readWord(reader: TokenReader, expected: string): string | undefined {
  const token = reader.peek();
  if (token === undefined || token.kind === "sign") {
    failed(reader, token === undefined ? `expected ${expected}` : `expected ${expected}, not "${token.text}"`);
    return undefined;
  }
  if (token.kind === "word" && selectorKeywords.has(token.text)) {
    failed(reader, `expected ${expected}; "${token.text}" as a name is written in quotes`);
    return undefined;
  }
  reader.take();
  return token.text;
}

function failed(reader: TokenReader, what: string): Selector {
  reader.mistake(what);
  reader.skipOperand();
  return unread;
}
