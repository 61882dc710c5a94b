/** Cells on each side of the image that the model takes. */
export const imageSide = 28;
/** The longer side of the digit fills so many of them. */
const digitSide = 20;

/**
 * What was drawn, as the digits were prepared that the model has learned from (LeCun et al. 1998, "Gradient-based learning applied to
 * document recognition", section III.A): the ink scaled until its longer side fills 20 cells, its centre of mass in the middle of 28
 * by 28. Row-major, each cell the mean of the ink in it.
 *
 * `ink` is `side * side` numbers from 0 to 255; answers numbers from 0 to 1, or undefined where nothing is drawn. A bar that is 100
 * high and 10 wide becomes one that is 20 cells high and 2 wide.
 */
export function digitImage(ink: ArrayLike<number>, side: number): Float32Array | undefined {
  const extent = extentOf(ink, side);
  if (extent === undefined) return undefined;
  const perCell = extent.longerSide / digitSide;
  // A thin line would fall between two points: at least four of them on each side of a cell.
  const points = Math.max(4, Math.ceil(perCell));
  const middle = imageSide / 2;
  return Float32Array.from({ length: imageSide ** 2 }, (_, cell) => {
    const left = extent.x + ((cell % imageSide) - middle) * perCell;
    const top = extent.y + (Math.floor(cell / imageSide) - middle) * perCell;
    let sum = 0;
    for (let i = 0; i < points ** 2; i++) {
      const x = Math.floor(left + (((i % points) + 0.5) / points) * perCell);
      const y = Math.floor(top + ((Math.floor(i / points) + 0.5) / points) * perCell);
      if (x >= 0 && x < side && y >= 0 && y < side) sum += ink[y * side + x] ?? 0;
    }
    return sum / (255 * points ** 2);
  });
}

/** The centre of mass of the ink, and the longer side of the box around it. */
function extentOf(ink: ArrayLike<number>, side: number) {
  let [mass, sumX, sumY] = [0, 0, 0];
  let [left, right, top, bottom] = [side, -1, side, -1];
  for (let i = 0; i < side * side; i++) {
    const here = ink[i] ?? 0;
    if (here === 0) continue;
    const [x, y] = [i % side, Math.floor(i / side)];
    mass += here;
    sumX += here * (x + 0.5);
    sumY += here * (y + 0.5);
    [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x), Math.min(top, y), Math.max(bottom, y)];
  }
  if (mass === 0) return undefined;
  return { x: sumX / mass, y: sumY / mass, longerSide: Math.max(right - left, bottom - top) + 1 };
}
