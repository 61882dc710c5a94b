/** A file of a package, by its path in the package. */
export interface FileContent {
  readonly path: string;
  readonly bytes: Uint8Array;
}
