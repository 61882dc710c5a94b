/** Told about work that takes long, so that a person can be shown how far it is. */
export interface Progress {
  /** A piece of work begins; the one before it has ended. `total` counts its steps. */
  begin(label: string, total: number): void;
  /** `done` of the steps of the current piece are done. */
  advance(done: number): void;
  /** Nothing is under way any more. */
  end(): void;
}

export const noProgress: Progress = { begin: () => {}, advance: () => {}, end: () => {} };
