/** The delta is damaged, or was made for another base: fetch the whole file instead. */
export class DeltaError extends Error {
  override readonly name = "DeltaError";
}
