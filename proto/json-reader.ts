import type { Problems } from "./problems.ts";

/**
 * Reads foreign JSON field by field. Every method notes a mistake with its path and answers a value of the right type all the
 * same, so that one pass finds all mistakes; the caller hands nothing out when `problems.any`.
 */
export class JsonReader {
  readonly path: string;
  readonly problems: Problems;
  readonly #value: unknown;

  constructor(value: unknown, path: string, problems: Problems) {
    this.#value = value;
    this.path = path;
    this.problems = problems;
  }

  field(name: string): JsonReader {
    const path = this.path === "" ? name : `${this.path}.${name}`;
    if (typeof this.#value !== "object" || this.#value === null || Array.isArray(this.#value)) {
      this.problems.add(this.path, "must be an object");
      return new JsonReader(undefined, path, this.problems);
    }
    const value = Object.hasOwn(this.#value, name) ? (this.#value as Record<string, unknown>)[name] : undefined;
    return new JsonReader(value, path, this.problems);
  }

  get absent(): boolean {
    return this.#value === undefined || this.#value === null;
  }

  list(maxLength: number): JsonReader[] {
    if (!Array.isArray(this.#value)) {
      this.problems.add(this.path, "must be a list");
      return [];
    }
    if (this.#value.length > maxLength)
      this.problems.add(this.path, `has ${this.#value.length} entries, more than ${maxLength}`);
    return this.#value
      .slice(0, maxLength)
      .map((value: unknown, i) => new JsonReader(value, `${this.path}[${i}]`, this.problems));
  }

  /** The names of an object's fields with a reader for each; an object that is absent has none. */
  entries(maxEntries: number, maxNameCharacters: number): readonly (readonly [string, JsonReader])[] {
    if (this.absent) return [];
    if (typeof this.#value !== "object" || Array.isArray(this.#value)) {
      this.problems.add(this.path, "must be an object");
      return [];
    }
    const names = Object.keys(this.#value as object);
    if (names.length > maxEntries) this.problems.add(this.path, `has ${names.length} fields, more than ${maxEntries}`);
    return names.slice(0, maxEntries).map((name) => {
      if (name.length > maxNameCharacters || name === "__proto__")
        this.problems.add(this.path, `has a field name that is too long or not allowed`);
      return [name, this.field(name)] as const;
    });
  }

  scalar(maxCharacters: number): string | number | boolean {
    if (typeof this.#value === "string" && this.#value.length <= maxCharacters) return this.#value;
    if (typeof this.#value === "boolean") return this.#value;
    if (typeof this.#value === "number" && Number.isFinite(this.#value)) return this.#value;
    this.problems.add(this.path, `must be text of at most ${maxCharacters} characters, a finite number, true or false`);
    return "";
  }

  get isList(): boolean {
    return Array.isArray(this.#value);
  }

  text(maxCharacters: number): string {
    if (typeof this.#value === "string" && this.#value.length > 0 && this.#value.length <= maxCharacters)
      return this.#value;
    this.problems.add(this.path, `must be text of 1 to ${maxCharacters} characters`);
    return "";
  }

  /** Text that `accepts`; `what` says in words what that is. */
  textThat<T extends string>(accepts: (text: string) => text is T, what: string): T {
    if (typeof this.#value === "string" && accepts(this.#value)) return this.#value;
    this.problems.add(this.path, `must be ${what}`);
    return "" as T;
  }

  oneOf<const Names extends readonly string[]>(names: Names): Names[number] {
    if (typeof this.#value === "string" && names.includes(this.#value)) return this.#value;
    this.problems.add(this.path, `must be one of ${names.join(", ")}`);
    return "" as Names[number];
  }

  finite(): number {
    if (typeof this.#value === "number" && Number.isFinite(this.#value)) return this.#value;
    this.problems.add(this.path, "must be a finite number");
    return 0;
  }

  quantity(max: number): number {
    if (typeof this.#value === "number" && this.#value >= 0 && this.#value <= max) return this.#value;
    this.problems.add(this.path, `must be a number from 0 to ${max}`);
    return 0;
  }

  count(max: number): number {
    if (Number.isInteger(this.#value) && (this.#value as number) >= 0 && (this.#value as number) <= max)
      return this.#value as number;
    this.problems.add(this.path, `must be a whole number from 0 to ${max}`);
    return 0;
  }

  countOrText(maxCharacters: number): number | string {
    return typeof this.#value === "string" ? this.text(maxCharacters) : this.count(Number.MAX_SAFE_INTEGER);
  }

  flag(): boolean {
    if (typeof this.#value === "boolean") return this.#value;
    this.problems.add(this.path, "must be true or false");
    return false;
  }
}
