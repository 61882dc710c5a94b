/** How long the pen must rest before a digit counts as drawn: a 4 has two strokes. */
const restMs = 500;
/** About as bold, beside the digit's height, as the digits that the model has learned from. */
const penWidth = 24;

/** Places are shares of the sheet's side, from its left and from its top. */
export interface Pen {
  begin(x: number, y: number): void;
  to(x: number, y: number): void;
  end(): void;
  clear(): void;
}

export interface DrawingSheet {
  readonly pen: Pen;
  /** How much ink is at each point, from 0 to 255, row by row. */
  ink(): Uint8Array;
}

/** Draws what the pointer does, or who holds the pen; `onDrawn` is called when it has rested, `onCleared` when all ink is gone. */
export function drawingSheet(canvas: HTMLCanvasElement, onDrawn: () => void, onCleared: () => void): DrawingSheet {
  const context = canvas.getContext("2d", { willReadFrequently: true }) as CanvasRenderingContext2D;
  let rest: ReturnType<typeof setTimeout> | undefined;
  const placeAt = (x: number, y: number) => [x * canvas.width, y * canvas.height] as const;
  const pen: Pen = {
    begin(x, y) {
      clearTimeout(rest);
      context.lineWidth = penWidth;
      context.lineCap = context.lineJoin = "round";
      context.strokeStyle = getComputedStyle(canvas).color;
      context.beginPath();
      context.moveTo(...placeAt(x, y));
      // A dot, where the pen does not move.
      pen.to(x, y);
    },
    to(x, y) {
      context.lineTo(...placeAt(x, y));
      context.stroke();
    },
    end() {
      rest = setTimeout(onDrawn, restMs);
    },
    clear() {
      clearTimeout(rest);
      context.clearRect(0, 0, canvas.width, canvas.height);
      onCleared();
    },
  };
  followPointer(canvas, pen);
  return {
    pen,
    ink() {
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
      return Uint8Array.from({ length: data.length / 4 }, (_, i) => data[i * 4 + 3] ?? 0);
    },
  };
}

/** One finger, pen or mouse at a time. */
function followPointer(canvas: HTMLCanvasElement, pen: Pen): void {
  let pointer: number | undefined;
  const placeOf = ({ clientX, clientY }: PointerEvent) => {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    return [(clientX - left) / width, (clientY - top) / height] as const;
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (pointer !== undefined) return;
    pointer = event.pointerId;
    canvas.setPointerCapture(pointer);
    pen.begin(...placeOf(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerId === pointer) pen.to(...placeOf(event));
  });
  for (const end of ["pointerup", "pointercancel"] as const)
    canvas.addEventListener(end, (event) => {
      if (event.pointerId !== pointer) return;
      pointer = undefined;
      pen.end();
    });
}
