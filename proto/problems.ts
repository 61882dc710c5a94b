/** Collects every mistake in a piece of foreign data, each with the path to it, so that a reader sees all of them at once. */
export class Problems {
  readonly list: string[] = [];

  add(path: string, mistake: string): void {
    this.list.push(`${path}: ${mistake}`);
  }

  get any(): boolean {
    return this.list.length > 0;
  }
}

/** What a decoder of foreign bytes answers: the narrowed value, or every reason why there is none. Never an exception. */
export type Decoded<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly string[] };

export function decoded<T>(value: T): Decoded<T> {
  return { ok: true, value };
}

export function undecodable<T>(problems: readonly string[]): Decoded<T> {
  return { ok: false, problems };
}
