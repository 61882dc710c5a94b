import type { Pen } from "./drawing-sheet.ts";

/** How far a press of a key moves the pen, of the sheet's side. */
const step = 1 / 24;

const directions: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/**
 * A pen that keys move: the arrows, two of them at once for a slanted line; space puts it down and lifts it, and Delete or Escape
 * clears the sheet. `mark` shows where it is, `said` tells whether it writes.
 */
export function keyboardPen(canvas: HTMLCanvasElement, mark: HTMLElement, said: HTMLElement, pen: Pen): void {
  const held = new Set<string>();
  let [x, y] = [0.5, 0.25];
  let isDown = false;

  const show = () => {
    mark.style.setProperty("--x", String(x));
    mark.style.setProperty("--y", String(y));
    mark.dataset["down"] = String(isDown);
  };
  const put = (down: boolean) => {
    if (down === isDown) return;
    isDown = down;
    if (down) pen.begin(x, y);
    else pen.end();
    said.textContent = down ? "The pen is down." : "The pen is up.";
    show();
  };
  const move = () => {
    for (const key of held) {
      const [right, down] = directions[key] ?? [0, 0];
      x = Math.min(0.95, Math.max(0.05, x + right * step));
      y = Math.min(0.95, Math.max(0.05, y + down * step));
    }
    if (isDown) pen.to(x, y);
    show();
  };
  canvas.addEventListener("keydown", (event) => {
    const { key, repeat } = event;
    if (key in directions) {
      held.add(key);
      move();
    } else if (key === " ") {
      if (!repeat) put(!isDown);
    } else if (key === "Delete" || key === "Escape") {
      put(false);
      pen.clear();
    } else return;
    // Nor may the page scroll.
    event.preventDefault();
  });
  canvas.addEventListener("keyup", ({ key }) => void held.delete(key));
  canvas.addEventListener("blur", () => {
    held.clear();
    put(false);
  });
  show();
}
