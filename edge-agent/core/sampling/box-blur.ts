/**
 * Every pixel becomes the mean of the square of 2 radius + 1 pixels around it; at the border, of those that there are. The image lies
 * in the last two dimensions, or before the last one where that has at most 4 elements and is taken for the colours. What has fewer
 * than two dimensions is blurred along its only one.
 *
 * Example: the row 0, 0, 9, 0 of an image of one row becomes 0, 3, 3, 4.5 with radius 1.
 */
export function boxBlur(data: ArrayLike<number>, dims: readonly number[], radius: number): Float64Array<ArrayBuffer> {
  const channelsLast = dims.length >= 3 && (dims.at(-1) as number) <= mostColours;
  const end = channelsLast ? dims.length - 1 : dims.length;
  const axes = [end - 1, end - 2].filter((axis) => axis >= 0);
  return axes.reduce((pixels, axis) => meansAlong(pixels, dims, axis, radius), Float64Array.from(data));
}

const mostColours = 4;

function meansAlong(
  pixels: Float64Array<ArrayBuffer>,
  dims: readonly number[],
  axis: number,
  radius: number,
): Float64Array<ArrayBuffer> {
  const length = dims[axis] as number;
  const stride = dims.slice(axis + 1).reduce((product, dim) => product * dim, 1);
  const means = new Float64Array(pixels.length);
  for (let start = 0; start < pixels.length; start++) {
    // One line of the axis begins at each element whose index along it is 0.
    if (Math.floor(start / stride) % length !== 0) continue;
    for (let i = 0; i < length; i++) {
      const first = Math.max(0, i - radius);
      const last = Math.min(length - 1, i + radius);
      let sum = 0;
      for (let k = first; k <= last; k++) sum += pixels[start + k * stride] as number;
      means[start + i * stride] = sum / (last - first + 1);
    }
  }
  return means;
}
