/** Interleaved channels, row after row: the value of channel c at (x, y) stands at (y · width + x) · channels + c. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly values: Float32Array;
}

/**
 * Bilinear interpolation with pixel centres at half coordinates and edges repeated, as OpenCV's INTER_LINEAR has it: the centre of
 * target pixel i lies at (i + 0.5) · from / to - 0.5 in the source. Nothing is averaged when an image shrinks.
 *
 * Example: a row of the two pixels 0 and 100 made four wide is 0, 25, 75, 100.
 */
export function resizeBilinear(picture: Picture, width: number, height: number): Picture {
  if (width === picture.width && height === picture.height) return picture;
  const { channels, values } = picture;
  const columns = positions(picture.width, width);
  const rows = positions(picture.height, height);
  const result = new Float32Array(width * height * channels);
  for (let y = 0; y < height; y++) {
    const upper = (rows.lower[y] as number) * picture.width;
    const lower = (rows.upper[y] as number) * picture.width;
    const down = rows.share[y] as number;
    for (let x = 0; x < width; x++) {
      const left = columns.lower[x] as number;
      const right = columns.upper[x] as number;
      const along = columns.share[x] as number;
      for (let c = 0; c < channels; c++) {
        const at = (row: number, column: number): number => values[(row + column) * channels + c] as number;
        const above = at(upper, left) * (1 - along) + at(upper, right) * along;
        const below = at(lower, left) * (1 - along) + at(lower, right) * along;
        result[(y * width + x) * channels + c] = above * (1 - down) + below * down;
      }
    }
  }
  return { width, height, channels, values: result };
}

/** For each target pixel its two neighbours in the source, and how far it lies towards the second. */
function positions(from: number, to: number): { lower: Int32Array; upper: Int32Array; share: Float64Array } {
  const lower = new Int32Array(to);
  const upper = new Int32Array(to);
  const share = new Float64Array(to);
  for (let i = 0; i < to; i++) {
    const position = Math.min(Math.max(((i + 0.5) * from) / to - 0.5, 0), from - 1);
    lower[i] = Math.floor(position);
    upper[i] = Math.min(Math.floor(position) + 1, from - 1);
    share[i] = position - Math.floor(position);
  }
  return { lower, upper, share };
}
