/** What a store may answer instead of storing; nothing is half stored then. */

export class StorageFullError extends Error {
  override readonly name = "StorageFullError";

  /** `where` is a file or folder of the control plane. */
  constructor(where: string, cause: unknown) {
    super(
      `there is no space left for ${where}; nothing was stored. Make room on that disk: what runs goes on reading, and goes on storing when there is room`,
      {
        cause,
      },
    );
  }
}

export class ArtifactMismatchError extends Error {
  override readonly name = "ArtifactMismatchError";
  readonly expected: string;
  readonly actual: string;

  constructor(expected: string, actual: string) {
    super(`the content is ${actual}, not ${expected}: it was damaged on the way, or belongs to another name`);
    this.expected = expected;
    this.actual = actual;
  }
}
