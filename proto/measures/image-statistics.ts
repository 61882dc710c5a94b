import type { ImageStatistic } from "./measure.ts";
import type { Part } from "./part.ts";

/** Statistics of neighbouring pixels in one plane: the lines of the part, one below the other. */
export function imageStatistic(statistic: ImageStatistic, plane: Part): number {
  switch (statistic) {
    case "gradient":
      return gradient(plane);
    case "laplacian-variance":
      return laplacianVariance(plane);
  }
}

/**
 * Mean absolute difference of each pixel to its neighbours on the right and below: blur lowers it, noise raises it.
 *
 * Example: the 2 x 2 image [[0, 1], [0, 1]] has differences 1, 1 (horizontal) and 0, 0 (vertical): 0.5.
 */
function gradient({ data, start, count, stride, width, every }: Part): number {
  const line = width * stride;
  const end = start + count * stride;
  let sum = 0;
  let pairs = 0;
  for (let i = 0; i < count; i += every) {
    const at = start + i * stride;
    const value = data[at] as number;
    if ((i + 1) % width !== 0) {
      sum += Math.abs((data[at + stride] as number) - value);
      pairs += 1;
    }
    if (at + line < end) {
      sum += Math.abs((data[at + line] as number) - value);
      pairs += 1;
    }
  }
  return sum / pairs;
}

/**
 * The variance of left + right + above + below - 4 x pixel over the pixels that have all four neighbours: what is in focus has edges, and
 * edges have large second differences of both signs (Pech-Pacheco, Cristóbal, Chamorro-Martínez, Fernández-Valdivia: Diatom autofocusing
 * in brightfield microscopy, ICPR 2000). Blur and a covered lens lower it, noise raises it. NaN where no pixel has four neighbours.
 *
 * Example: the 3 x 4 image [[0, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0]] has the values -4 and 1: their mean is -1.5, their variance 6.25.
 */
function laplacianVariance({ data, start, count, stride, width, every }: Part): number {
  const line = width * stride;
  let positions = 0;
  let sum = 0;
  let squares = 0;
  for (let i = firstInside(width, every); i < count - width; i += every) {
    const column = i % width;
    if (column === 0 || column === width - 1) continue;
    const at = start + i * stride;
    const value =
      (data[at - stride] as number) +
      (data[at + stride] as number) +
      (data[at - line] as number) +
      (data[at + line] as number) -
      4 * (data[at] as number);
    positions += 1;
    sum += value;
    squares += value * value;
  }
  // One pass is exact enough here: the mean of second differences is near 0, so the two terms are never close.
  const mean = sum / positions;
  return Math.max(0, squares / positions - mean * mean);
}

/** The first position of the thinned ones that is not in the first line. */
function firstInside(width: number, every: number): number {
  return Math.ceil(width / every) * every;
}
