/** How long the pen must rest before a digit counts as drawn: a 4 has two strokes. */
const restMs = 500;
/** About as bold, beside the digit's height, as the digits that the model has learned from. */
const penWidth = 24;

export interface DrawingSheet {
  /** How much ink is at each point, from 0 to 255, row by row. */
  ink(): Uint8Array;
  clear(): void;
}

/** Draws what the pointer does; `onDrawn` is called when it has rested. */
export function drawingSheet(canvas: HTMLCanvasElement, onDrawn: () => void): DrawingSheet {
  const context = canvas.getContext("2d", { willReadFrequently: true }) as CanvasRenderingContext2D;
  let rest: ReturnType<typeof setTimeout> | undefined;
  let pen: number | undefined;

  const placeOf = ({ clientX, clientY }: PointerEvent) => {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    return [((clientX - left) / width) * canvas.width, ((clientY - top) / height) * canvas.height] as const;
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (pen !== undefined) return;
    pen = event.pointerId;
    canvas.setPointerCapture(pen);
    clearTimeout(rest);
    context.lineWidth = penWidth;
    context.lineCap = context.lineJoin = "round";
    context.strokeStyle = getComputedStyle(canvas).color;
    context.beginPath();
    context.moveTo(...placeOf(event));
    // A dot, where the pointer does not move.
    context.lineTo(...placeOf(event));
    context.stroke();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerId !== pen) return;
    context.lineTo(...placeOf(event));
    context.stroke();
  });
  for (const end of ["pointerup", "pointercancel"] as const)
    canvas.addEventListener(end, (event) => {
      if (event.pointerId !== pen) return;
      pen = undefined;
      rest = setTimeout(onDrawn, restMs);
    });

  return {
    ink() {
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
      return Uint8Array.from({ length: data.length / 4 }, (_, i) => data[i * 4 + 3] ?? 0);
    },
    clear() {
      clearTimeout(rest);
      context.clearRect(0, 0, canvas.width, canvas.height);
    },
  };
}
