/** One inference's part of a tensor: `data[start]` to `data[start + length - 1]`, row-major, `width` elements to the innermost dimension. */
export interface TensorRow {
  readonly data: ArrayLike<number>;
  readonly start: number;
  readonly length: number;
  readonly width: number;
}

/** `dims` are the part's own, without the dimension that counts inferences. */
export interface ShapedRow extends TensorRow {
  readonly dims: readonly number[];
}
